"""How is a foreign file read by a parser that cannot leave this program's process safely? By a process that may die.

For parsers that are Python libraries of ours and answer with tables (address lists, OpenStreetMap). The process has
the memory and time of the settings; if it crashes, loops or swells, the caller gets one sentence. What a packed file
unpacks to is counted before anything parses it.

Run as `python -m geo.ingest.apart MODULE:FUNCTION MEMORY_MB SECONDS PATH …`, the answer pickled on standard output.
"""

from __future__ import annotations

import bz2
import gzip
import importlib
import os
import pickle
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from geo.errors import N_, BadFile, OkrugaError
from geo.ingest.readers import archive
from geo.ingest.readers.limits import MB, Limits
from geo.ingest.readers.sandbox import workplace

T = TypeVar("T")
PACKED: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open}
PIECE = 1 << 20
PACKAGES = Path(__file__).resolve().parents[2]


def apart(function: Callable[..., T], path: Path, *further: str, limits: Limits | None = None) -> T:
    """The function's answer about the file (and further texts), computed by a process of its own.

    Raises what it raises, BadFile or TooLarge.
    """
    caps = limits or Limits.from_settings(web=True)
    measure(path, caps)
    named = f"{function.__module__}:{function.__qualname__}"
    order = [sys.executable, "-m", "geo.ingest.apart", named, str(caps.parser_memory_mb), str(caps.parser_seconds),
             str(path), *further]  # fmt: skip
    environment = {"PYTHONPATH": str(PACKAGES), "LANG": "C.UTF-8", "PATH": os.environ.get("PATH", "")}
    try:
        with workplace() as folder:
            environment["TMPDIR"] = str(folder)
            done = subprocess.run(order, capture_output=True, env=environment, timeout=caps.parser_seconds, check=True)
        answer, refusal = pickle.loads(done.stdout)  # noqa: S301 - our own process wrote it
    except (subprocess.SubprocessError, pickle.UnpicklingError, EOFError) as error:
        raise BadFile(
            N_("{file} could not be read within {seconds} seconds and {memory} MB of memory."),
            remedy=N_("Split the file, or let an administrator raise OKRUGA_PARSER_MEMORY_MB."),
            file=path.name, seconds=caps.parser_seconds, memory=caps.parser_memory_mb,
        ) from error  # fmt: skip
    if refusal is not None:
        kind, message, remedy = refusal
        raise kind(message.msgid, remedy=remedy.msgid, **{**remedy.params, **message.params})
    return answer  # type: ignore[no-any-return]


def measure(path: Path, limits: Limits) -> None:
    """Unpack without keeping anything, and stop at a cap. Raises TooLarge or BadFile."""
    for part in path.iterdir() if path.is_dir() else (path,):
        limits.check_size(part)
        if part.suffix.lower() == ".zip":
            measure_archive(part, limits)
        unpack = PACKED.get(part.suffix.lower())
        if unpack is None:
            continue
        count = limits.expansion(part.name).counter(part.name, part.stat().st_size)
        try:
            with unpack(part) as stream:
                while piece := stream.read(PIECE):
                    count(len(piece))
        except (OSError, EOFError) as error:
            raise BadFile(
                N_("{file} is damaged: it cannot be unpacked."), remedy=N_("Download it again."), file=part.name
            ) from error


def measure_archive(path: Path, limits: Limits) -> None:
    """The same for each file of an archive."""
    expansion = limits.expansion(path.name)
    with archive.opened(path) as packed:
        for entry in archive.entries(packed, path.name, limits):
            for _ in archive.pieces(packed, entry, expansion.counter(entry.name, entry.info.compress_size), path.name):
                pass


# --- in the process of its own ----------------------------------------------------------------------------------------


def main(named: str, memory_mb: int, seconds: int, path: str, *further: str) -> None:
    """Load the parser, limit this process, answer. Our errors travel in parts: they do not pickle by themselves."""
    module, _, name = named.partition(":")
    function = getattr(importlib.import_module(module), name)
    confine(memory_mb, seconds)
    answer: Any = None
    refusal = None
    try:
        answer = function(Path(path), *further)
    except OkrugaError as error:
        refusal = (type(error), error.message, error.remedy)
    sys.stdout.buffer.write(pickle.dumps((answer, refusal)))


def confine(memory_mb: int, seconds: int) -> None:
    """Limit this process: address space, processor time, size of temporary files."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * MB, memory_mb * MB))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (memory_mb * MB, memory_mb * MB))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
