"""How is a foreign file read by a parser that cannot leave this program's process safely? By a process that may die.

For parsers that are Python libraries of ours and answer with tables (address lists, OpenStreetMap). The process has
the memory and time of the settings; if it crashes, loops or swells, the caller gets one sentence. What a packed file
unpacks to is counted before anything parses it.
"""

from __future__ import annotations

import bz2
import gzip
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from geo.errors import N_, BadFile, OkrugaError
from geo.ingest.readers.limits import MB, Limits

T = TypeVar("T")
PACKED: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open}
PIECE = 1 << 20


def apart(function: Callable[[Path], T], path: Path, limits: Limits | None = None) -> T:
    """The function's answer, computed by a process of its own. Raises what it raises, BadFile or TooLarge."""
    caps = limits or Limits.from_settings(web=True)
    measure(path, caps)
    with ProcessPoolExecutor(1, get_context("spawn"), confine, (caps.parser_memory_mb, caps.parser_seconds)) as pool:
        try:
            answer, refusal = pool.submit(guarded, function, path).result(caps.parser_seconds)
        except (BrokenProcessPool, TookTooLong, MemoryError) as error:
            raise BadFile(
                N_("{file} could not be read within {seconds} seconds and {memory} MB of memory."),
                remedy=N_("Split the file, or let an administrator raise OKRUGA_PARSER_MEMORY_MB."),
                file=path.name, seconds=caps.parser_seconds, memory=caps.parser_memory_mb,
            ) from error  # fmt: skip
    if refusal is not None:
        kind, message, remedy = refusal
        raise kind(message.msgid, remedy=remedy.msgid, **{**remedy.params, **message.params})
    return answer  # type: ignore[no-any-return]


def confine(memory_mb: int, seconds: int) -> None:
    """Limit this process: address space, processor time, no files of its own."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * MB, memory_mb * MB))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def guarded(function: Callable[[Path], Any], path: Path) -> tuple[Any, Any]:
    """Answer, or the refusal in parts: our errors do not travel between processes by themselves."""
    try:
        return function(path), None
    except OkrugaError as error:
        return None, (type(error), error.message, error.remedy)


def measure(path: Path, limits: Limits) -> None:
    """Unpack without keeping anything, and stop at a cap. Raises TooLarge or BadFile."""
    for part in path.iterdir() if path.is_dir() else (path,):
        limits.check_size(part)
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
