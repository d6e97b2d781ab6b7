"""How is a foreign file parsed without trusting it? In a child process that can do nothing else.

The child (child.py) is started without environment, in a folder of its own that holds only the file's copy; it limits
its memory, time and file sizes, leaves the network and most of the file system where the kernel lets it, and only then
loads a parser. It answers with one JSON line and, when it has data, an Arrow stream. If it crashes, loops or swells,
the caller gets one sentence.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from geo.errors import N_, BadFile, OkrugaError
from geo.ingest.readers.limits import MB, Limits, too_large

CHILD = Path(__file__).with_name("child.py")
# GDAL reads settings from the environment only, so the child gets exactly these
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_TIMEOUT": "1",
    "PROJ_NETWORK": "OFF",
}
HEADER_LIMIT = 4 * MB


@contextmanager
def workplace() -> Iterator[Path]:
    """A private folder for the child, removed afterwards whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="okruga-parse-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Answer:
    """What the child said: `head` and the record batches that follow."""

    def __init__(self, head: dict[str, Any], batches: list[pa.RecordBatch], schema: pa.Schema | None) -> None:
        self.head = head
        self.batches = batches
        self.schema = schema

    def table(self) -> pa.Table:
        """All batches as one Arrow table."""
        return pa.Table.from_batches(self.batches, schema=self.schema)


def ask(
    request: Mapping[str, Any],
    folder: Path,
    limits: Limits,
    *,
    file: str,
    advance: Callable[[int], object] = int,
) -> Answer:
    """Let the child answer the request about files in `folder`; `file` is the name for messages.

    Raises BadFile or TooLarge for every way the child can fail; the child's own refusals come back in `head["error"]`.
    """
    order = {**request, "folder": str(folder), "memory": limits.parser_memory_mb * MB, "seconds": limits.parser_seconds}
    child = subprocess.Popen(
        [sys.executable, "-I", "-B", str(CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=ENVIRONMENT | {"HOME": str(folder), "TMPDIR": str(folder)},
        close_fds=True,
        start_new_session=True,
    )
    late = threading.Event()
    watchdog = threading.Timer(limits.parser_seconds, _stop, (child, late))
    watchdog.start()
    try:
        return _converse(child, order, limits, file, advance)
    except (OSError, ValueError, EOFError, pa.ArrowException) as error:
        child.kill()
        raise _failure(child.wait(), late.is_set(), limits, file) from error
    finally:
        watchdog.cancel()
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()


def _stop(child: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    child.kill()


def _converse(
    child: subprocess.Popen[bytes],
    order: Mapping[str, Any],
    limits: Limits,
    file: str,
    advance: Callable[[int], object],
) -> Answer:
    if child.stdin is None or child.stdout is None:
        raise EOFError
    child.stdin.write(json.dumps(order).encode())
    child.stdin.close()
    head = _head(child.stdout)
    if not head.get("data"):
        return Answer(head, [], None)
    batches: list[pa.RecordBatch] = []
    size = 0
    with pa.ipc.open_stream(child.stdout) as stream:
        for batch in stream:
            size += batch.nbytes
            if size > limits.parser_memory_mb * MB:
                raise too_large(
                    N_("{file} holds more than {limit} MB of data."),
                    "OKRUGA_PARSER_MEMORY_MB",
                    file=file,
                    limit=limits.parser_memory_mb,
                )
            batches.append(batch)
            advance(batch.num_rows)
        tail = _head(child.stdout)
        return Answer({**head, **tail}, batches, stream.schema)


def _head(pipe: IO[bytes]) -> dict[str, Any]:
    line = pipe.readline(HEADER_LIMIT)
    if not line.endswith(b"\n"):
        raise EOFError
    answer = json.loads(line)
    if not isinstance(answer, dict):
        raise ValueError
    return answer


def _failure(status: int, late: bool, limits: Limits, file: str) -> OkrugaError:
    if late or (-status in (signal.SIGXCPU, signal.SIGKILL) and status != -signal.SIGKILL):
        return too_large(
            N_("{file} was not read within {limit} seconds."),
            "OKRUGA_PARSER_SECONDS",
            file=file,
            limit=limits.parser_seconds,
        )
    if status == 3:
        return too_large(
            N_("Reading {file} needs more than {limit} MB of memory."),
            "OKRUGA_PARSER_MEMORY_MB",
            file=file,
            limit=limits.parser_memory_mb,
        )
    return BadFile(
        N_("{file} cannot be read: its contents are damaged so badly that the parser broke off."),
        remedy=N_("Open it in QGIS or the program that made it and save it anew, best as GeoPackage or GeoJSON."),
        file=file,
    )
