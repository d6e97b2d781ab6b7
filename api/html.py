"""How does a page travel? With the policy that allows exactly its own inline blocks."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse

from geo.settings import settings
from maps.page import content_security_policy

EMBED_PATHS = ("/embed/", "/en/embed/")


def html(request: Request, text: str, *, status: int = 200, headers: dict[str, str] | None = None) -> HTMLResponse:
    """A page that is not kept."""
    return HTMLResponse(text, status, {**policy_headers(request, text), **(headers or {})})


def page_headers(request: Request, body: bytes, media_type: str) -> dict[str, str]:
    """The headers a body needs because it is a page; none for anything else."""
    return policy_headers(request, body.decode()) if media_type.startswith("text/html") else {}


def policy_headers(request: Request, text: str) -> dict[str, str]:
    """The policy of a page; only /embed pages may be shown in the frames of the configured hosts."""
    hosts = tuple(settings().embed_hosts.split()) if request.url.path.startswith(EMBED_PATHS) else ()
    return {"Content-Security-Policy": content_security_policy(text, embed_hosts=hosts, basemap=settings().basemap_url)}
