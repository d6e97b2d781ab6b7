"""Which PostgreSQL with PostGIS on this machine can run the embedded cluster?

Only complete installations count: a lone `initdb` in some local bin folder (people symlink it there) is not
one, so the four programs must stand together and PostGIS must be among the extensions of the same build.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from geo.errors import N_, MissingComponent

PROGRAMS = ("initdb", "postgres", "pg_ctl", "pg_isready")
MIN_MAJOR = 15  # first with the ICU locale provider for a whole database
MIN_POSTGIS = (3, 3)
INSTALL = "brew install postgresql@17 postgis" if sys.platform == "darwin" else "apt-get install postgresql-postgis"
BIN_GLOBS = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # RHEL with the PostgreSQL project's packages
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/usr/local/pgsql/bin",
    "/usr/bin",  # RHEL, Fedora, Alpine, Arch
)
SHARE_PATTERNS = (
    "/usr/share/postgresql/{major}/extension",
    "/usr/share/pgsql/extension",
    "/usr/share/postgresql/extension",
    "/opt/homebrew/share/postgresql@{major}/extension",
    "/usr/local/share/postgresql@{major}/extension",
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """One complete installation: its program folder, PostgreSQL major version and PostGIS version."""

    folder: Path
    major: int
    postgis: str

    def program(self, name: str) -> str:
        return str(self.folder / name)


def find(override: str = "", major: int | None = None) -> Binaries:
    """The newest usable installation, or the one of the given major version (data files are bound to theirs).

    `override` is the folder from `OKRUGA_POSTGRES_BIN`; when it is set nothing else is looked at.
    Raises MissingComponent with the command that installs what is missing.
    """
    complete = list(_complete(_folders(override)))
    usable = [found for found in complete if _usable(found) and major in (None, found.major)]
    if usable:
        return max(usable, key=lambda found: found.major)
    raise _missing(complete, override, major)


def _folders(override: str) -> list[Path]:
    if override:
        return [Path(override).expanduser()]
    root = Path("/")
    return [folder for pattern in BIN_GLOBS for folder in root.glob(pattern.lstrip("/"))]


def _complete(folders: Iterable[Path]) -> Iterator[Binaries]:
    for folder in folders:
        if all((folder / program).is_file() for program in PROGRAMS):
            real = (folder / "postgres").resolve().parent  # PostGIS lies beside the real build, not beside a link
            if all((real / program).is_file() for program in PROGRAMS):
                major = _major(real)
                yield Binaries(real, major, _postgis_version(real, major))


@lru_cache(maxsize=16)
def _major(folder: Path) -> int:
    """Major version a `postgres` program reports; 0 when it does not run here."""
    try:
        text = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=20, check=False, cwd="/"
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r"\b(\d+)(?:\.|devel|beta|rc|\s)", text)
    return int(match[1]) if match else 0


def _postgis_version(folder: Path, major: int) -> str:
    """Default PostGIS version of the build in this folder; empty when the extension is not installed."""
    beside = [folder.parent / "share" / tail for tail in ("extension", "postgresql/extension")]
    named = [Path(pattern.format(major=major)) for pattern in SHARE_PATTERNS]
    own = [folder.parent / "share" / f"postgresql@{major}" / "extension"]
    for share in [*beside, *own, *named]:
        control = share / "postgis.control"
        if control.is_file():
            match = re.search(r"default_version\s*=\s*'([^']+)'", control.read_text())
            return match[1] if match else ""
    return ""


def _usable(found: Binaries) -> bool:
    return found.major >= MIN_MAJOR and version_tuple(found.postgis) >= MIN_POSTGIS


def version_tuple(version: str) -> tuple[int, ...]:
    """`'3.3.2'` as `(3, 3, 2)`; an empty text is older than everything."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _missing(complete: list[Binaries], override: str, major: int | None) -> MissingComponent:
    """The error that fits what was found: nothing, no PostGIS, too old, or another major version."""
    remedy = N_("Install it with `{command}`, or set OKRUGA_DATABASE_URL to a database elsewhere.")
    if override and not complete:
        return MissingComponent(
            N_("OKRUGA_POSTGRES_BIN names {folder}, but {programs} are not all there."),
            remedy=N_("Name the folder that holds all of them, or remove the setting."),
            folder=override,
            programs=", ".join(PROGRAMS),
        )
    if major is not None and any(_usable(found) for found in complete):
        return MissingComponent(
            N_("The data of this installation were written by PostgreSQL {major}, which is not installed any more."),
            remedy=N_("Install PostgreSQL {major} with PostGIS again; with `okruga backup` the data can move on."),
            major=major,
        )
    with_server = [found for found in complete if found.major >= MIN_MAJOR]
    if with_server:
        newest = max(with_server, key=lambda found: found.major)
        return MissingComponent(
            N_("PostgreSQL {major} is here, but PostGIS 3.3 or newer for it is not."),
            remedy=remedy,
            major=newest.major,
            command=INSTALL,
        )
    return MissingComponent(
        N_("PostgreSQL 15 or newer with PostGIS was not found on this machine."), remedy=remedy, command=INSTALL
    )
