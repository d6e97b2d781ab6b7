"""Scripts, styles and pictures: every file under the hash of its content, so it may be kept for ever."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.packing import takes_gzip
from geo.errors import N_, NotFound
from maps import assets

router = APIRouter(include_in_schema=False)
FOR_EVER = "public, max-age=31536000, immutable"
ALREADY_PACKED = ("image/png",)


@router.get("/static/{name}")
async def static(request: Request, name: str) -> Response:
    """A file by its hashed name. An old name is 404: the page that had it has newer ones now.

    Nothing is waited for, so no thread is taken for it.
    """
    found = assets.find(name)
    if found is None:
        raise NotFound(N_("There is no file {name}."), remedy=N_("Load the page again."), name=name[:100])
    headers = {"Cache-Control": FOR_EVER, "ETag": found.etag, "Vary": "Accept-Encoding"}
    if found.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if takes_gzip(request) and found.media_type not in ALREADY_PACKED:
        return Response(found.gzipped, headers={**headers, "Content-Encoding": "gzip"}, media_type=found.media_type)
    return Response(found.content, headers=headers, media_type=found.media_type)
