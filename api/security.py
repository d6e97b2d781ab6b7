"""What guards every request, whatever its address? Headers, size, origin, characters that no address has.

Pages bring their own content security policy (api.html); everything else gets one that allows nothing. Reading is
open to other sites' scripts without credentials; a write must come from our own pages. All of it is plain ASGI: it
costs microseconds and sees errors too.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import answer, on_bug
from api.sizes import body_cap, takes_files
from geo import errors
from geo.errors import N_
from geo.settings import settings

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# what a browser never opens as a page: the headers that rule pages would only weigh on each of a map's many tiles
NEVER_PAGES = ("application/vnd.mapbox-vector-tile", "text/javascript", "text/css", "image/png")
FOR_PAGES = {
    # not no-referrer: public tile services refuse requests without one
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
NOTHING_ALLOWED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HSTS = "max-age=31536000"
OPEN_PATHS = ("/api/", "/tiles", "/static/", "/openapi.json", "/ogc", "/healthz", "/version")
OPEN_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PREFLIGHT_HEADERS = {
    **OPEN_HEADERS,
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "Accept, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class Guard:
    """Refuses what must not come in and puts the security headers on what goes out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        guarded = _Guarded(request, receive, send)
        if (refusal := refused(request)) is not None:
            kind, status = refusal
            made = answer(request, status, kind.code, kind.message, kind.remedy)
            await made(scope, receive, guarded.send)
        elif is_preflight(request):
            await preflight(guarded.send)
        else:
            await self._answered(request, guarded)

    async def _answered(self, request: Request, guarded: _Guarded) -> None:
        """Ask the application; a mistake of ours becomes a designed answer here, inside the headers and the packing."""
        try:
            await self.app(as_get(request.scope), guarded.receive, guarded.send)
        except Exception as error:
            made = await on_bug(request, error)
            if guarded.started:
                raise
            await made(request.scope, guarded.receive, guarded.send)


class _Guarded:
    """One request with its limits and its headers."""

    def __init__(self, request: Request, receive: Receive, send: Send) -> None:
        self._request = request
        self._receive = receive
        self._send = send
        self._bytes = 0
        self.started = False

    async def receive(self) -> Message:
        """The next piece of the body. Raises 413 past the cap: the framework hands it to our handler."""
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        if self._bytes > body_cap(self._request.url.path):
            raise HTTPException(413)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self._dress(MutableHeaders(scope=message), message["status"])
        elif self._request.scope["method"] == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)

    def _dress(self, headers: MutableHeaders, status: int) -> None:
        headers.setdefault("X-Content-Type-Options", "nosniff")
        if not headers.get("content-type", "").startswith(NEVER_PAGES):
            self._rule_page(headers, status)
        if over_https(self._request):
            headers["Strict-Transport-Security"] = HSTS
        open_to_all = self._request.url.path.startswith(OPEN_PATHS) and self._request.method in SAFE_METHODS
        for name, value in (OPEN_HEADERS if open_to_all else {"Cross-Origin-Resource-Policy": "same-origin"}).items():
            headers[name] = value

    def _rule_page(self, headers: MutableHeaders, status: int) -> None:
        for name, value in FOR_PAGES.items():
            headers.setdefault(name, value)
        if status != 304:  # its headers replace those of the kept page, which must keep its own policy
            headers.setdefault("Content-Security-Policy", NOTHING_ALLOWED)


def as_get(scope: Scope) -> Scope:
    """HEAD is answered by the GET routes; the guard drops the body."""
    return {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope


def refused(request: Request) -> tuple[errors.OkrugaError, int] | None:
    """Why this request goes no further, and with which status; None when it may."""
    if "\x00" in request.url.path or "%00" in request.url.query:
        return errors.BadInput(N_("An address cannot hold a zero character."), remedy=N_("Remove it (%00).")), 422
    if too_large(request):
        what = N_("The request is larger than {limit} KB.")
        remedy = N_("Send less at once, or raise OKRUGA_REQUEST_MAX_KB.")
        return errors.TooLarge(what, remedy=remedy, limit=settings().request_max_kb), 413
    if request.method not in SAFE_METHODS and not from_our_pages(request):
        what = N_("This request comes from another site.")
        return errors.NotAllowed(what, remedy=N_("Open the page of this service and try again there.")), 403
    return None


def too_large(request: Request) -> bool:
    """Whether the request says itself that it is larger than the cap. A file that is, is refused where it is taken."""
    length = request.headers.get("content-length", "0")
    path = request.url.path
    return length.isdigit() and int(length) > body_cap(path) and not takes_files(path)


def from_our_pages(request: Request) -> bool:
    """Whether a write may have been sent by one of our pages, or by a program that has no pages at all.

    Every current browser sends `Sec-Fetch-Site` or at least `Origin` with a write; a program sends neither and has no
    cookie that somebody else's page could misuse.
    """
    fetch_site = request.headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc in own_hosts(request)


def own_hosts(request: Request) -> set[str]:
    """The names this service is reached by: the one asked for, and the public one behind a proxy."""
    return {request.headers.get("host", ""), urlsplit(settings().base_url).netloc} - {""}


def over_https(request: Request) -> bool:
    """Whether the visitor came over https, directly or through the proxy of the public address."""
    return request.url.scheme == "https" or settings().base_url.startswith("https://")


def is_preflight(request: Request) -> bool:
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers


async def preflight(send: Send) -> None:
    """Let other sites' scripts read what is public; no credentials, nothing but reading."""
    headers = [(name.lower().encode(), value.encode()) for name, value in PREFLIGHT_HEADERS.items()]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
