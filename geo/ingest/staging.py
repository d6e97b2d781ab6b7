"""Where does a sent file wait, and who works on it? A folder of its own, a lock in it, and what was found out so far.

Nothing here is read by a parser but the file itself: it lies alone in `file/`, so that no other file can pass for its
sister. The lock is the kernel's: a process that is killed lets go of it, and the next one knows that nobody works.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from geo.errors import N_, BadFile, Unavailable
from geo.settings import settings

LONGEST_NAME = 150
# characters no file name of ours may hold: separators, controls, and what turns text around
UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# the one of several files that stands for all of them
MAIN_ENDINGS = (".shp", ".tab", ".mif", ".dbf")
SHORT_OF_SPACE = 0.05
EVERY_S = 0.3


def root() -> Path:
    """The folder of all waiting files; only the service's own account may look into it."""
    folder = settings().data_dir / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def safe_name(name: str) -> str:
    """The last part of a file name without what could lead elsewhere or hide something.

    >>> safe_name("../../etc/округа.geojson"), safe_name(".."), safe_name("a\\nb.csv")
    ('округа.geojson', 'file', 'a_b.csv')
    """
    last = re.split(r"[/\\]", name.strip())[-1]
    clean = UNSAFE.sub("_", last).strip(". ")
    stem, dot, ending = clean.rpartition(".")
    while len(clean.encode()) > LONGEST_NAME and stem:
        stem = stem[:-1]
        clean = stem + dot + ending
    return clean.encode()[:LONGEST_NAME].decode(errors="ignore") or "file"


def main_of(names: list[str]) -> str:
    """Which of the files sent together is the one to load. Raises BadFile when none stands for the others."""
    if len(names) == 1:
        return names[0]
    for ending in MAIN_ENDINGS:
        found = [name for name in names if name.lower().endswith(ending)]
        if len(found) == 1:
            return found[0]
    raise BadFile(
        N_("Several files were sent and it is not clear which of them to load: {names}."),
        remedy=N_("Send one file at a time; the parts of one Shapefile may come together or in one zip."),
        names=", ".join(sorted(names)),
    )


def require_space(size: int) -> None:
    """Raise Unavailable when the file would leave hardly any room on the disk."""
    usage = shutil.disk_usage(root())
    if usage.free - size < SHORT_OF_SPACE * usage.total:
        raise Unavailable(
            N_("The disk is nearly full; files are not taken now."),
            remedy=N_("Free some space on the disk of OKRUGA_DATA_DIR, then send the file again."),
        )


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of one file. Everything in it can be made again from the file, except the file."""

    path: Path

    @classmethod
    def make(cls) -> Folder:
        """A new folder with a name nobody can guess."""
        folder = cls(root() / secrets.token_hex(16))
        folder.path.mkdir(mode=0o700)
        folder.files.mkdir(mode=0o700)
        return folder

    @classmethod
    def named(cls, name: str) -> Folder:
        return cls(root() / name)

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def files(self) -> Path:
        return self.path / "file"

    def has(self, file_name: str) -> bool:
        """Whether the sent file is still there."""
        return (self.files / file_name).is_file()

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Within it nobody else works on the file; False when somebody does already."""
        try:
            lock = os.open(self.path / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            yield False
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
        finally:
            os.close(lock)

    def busy(self) -> bool:
        """Whether a living process works on the file."""
        with self.held() as free:
            return not free

    def write(self, name: str, value: object) -> None:
        """Keep JSON under a name, whole or not at all. A folder that was removed meanwhile stays removed."""
        fresh = self.path / f".{name}.{secrets.token_hex(4)}"
        with contextlib.suppress(FileNotFoundError):
            fresh.write_bytes(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS))
            fresh.replace(self.path / f"{name}.json")

    def read(self, name: str) -> dict[str, Any]:
        """What was kept under a name; empty when nothing was."""
        try:
            found: dict[str, Any] = orjson.loads((self.path / f"{name}.json").read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return {}
        return found

    def drop(self, *names: str) -> None:
        """Forget what was kept under these names."""
        for name in names:
            (self.path / f"{name}.json").unlink(missing_ok=True)

    @property
    def rejected(self) -> Path:
        """The refused rows, to be mended and sent again."""
        return self.path / "rejected.csv"

    def keep_rejected_only(self) -> None:
        """The file is loaded: what it held stands in the database now."""
        shutil.rmtree(self.files, ignore_errors=True)
        self.drop("map")

    def remove(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.path, ignore_errors=True)


class Told:
    """Progress that whoever asks finds in the folder: step, done, of."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.title, self.done, self.of = "", 0, 0
        self._written = 0.0

    @contextmanager
    def step(self, title: str, total: int | None = None) -> Iterator[Told]:
        """The progress protocol of geo."""
        self.title, self.done, self.of = title, 0, total or 0
        self._write()
        yield self

    def advance(self, amount: int = 1) -> None:
        """So much further; written down a few times a second."""
        self.done += amount
        if time.monotonic() - self._written > EVERY_S:
            self._write()

    def _write(self) -> None:
        self._written = time.monotonic()
        self.folder.write("progress", {"title": self.title, "done": self.done, "of": self.of})
