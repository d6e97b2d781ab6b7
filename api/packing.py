"""How is a body packed for the way? gzip with a fixed time, so that the same answer is the same bytes."""

from __future__ import annotations

import gzip

from fastapi import Request, Response

LEVEL = 6


def pack(body: bytes) -> bytes:
    """The body as gzip."""
    return gzip.compress(body, LEVEL, mtime=0)


def takes_gzip(request: Request) -> bool:
    """Whether the client said that it can unpack gzip."""
    return "gzip" in request.headers.get("accept-encoding", "")


def packed_answer(request: Request, packed: bytes, media_type: str, headers: dict[str, str]) -> Response:
    """An answer from an already packed body."""
    made = Response(packed if takes_gzip(request) else gzip.decompress(packed), media_type=media_type, headers=headers)
    made.headers["Vary"] = "Accept-Encoding"
    if takes_gzip(request):
        made.headers["Content-Encoding"] = "gzip"
    return made
