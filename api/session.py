"""How does a browser stay signed in? One cookie with 256 random bits; everything else stands in the database.

Over https, and on this machine, the cookie is `__Host-okruga`: Secure, for this host and all its paths only. Browsers
take Secure cookies from http://localhost and http://127.0.0.1 as well (tests/e2e holds Chromium to it); a plain http
address in a local network gets the same cookie without Secure, since there it could not be set otherwise.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress

from fastapi import Request, Response

from api.security import over_https
from geo.errors import N_, NotAllowed
from geo.store.account import Account, session_account
from geo.store.engine import Database

STRICT, PLAIN = "__Host-okruga", "okruga"
WEEK_S = 7 * 24 * 3600


def cookie_name(request: Request) -> str:
    """The name of the cookie where the visitor is."""
    return STRICT if over_https(request) or on_this_machine(request) else PLAIN


def on_this_machine(request: Request) -> bool:
    """Whether the address in the visitor's browser is a loopback one, which browsers trust like https."""
    host = request.url.hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def token(request: Request) -> str:
    """The session's token; empty without a cookie."""
    return request.cookies.get(cookie_name(request), "")


def account(request: Request, database: Database) -> Account | None:
    """Who is signed in. Without a cookie nothing is asked of the database."""
    if not token(request):
        return None
    with database.writing("session") as connection:
        return session_account(connection, token(request))


def start(request: Request, response: Response, new_token: str) -> None:
    """Give the browser a new session; an older one's token is overwritten."""
    name = cookie_name(request)
    response.set_cookie(name, new_token, max_age=WEEK_S, path="/", secure=name == STRICT, httponly=True, samesite="lax")


def end(request: Request, response: Response) -> None:
    """Take the session's cookie away."""
    name = cookie_name(request)
    response.delete_cookie(name, path="/", secure=name == STRICT, httponly=True, samesite="lax")


def form_token(request: Request) -> str:
    """What a form of a signed-in page carries: derived from the session, so that no other site can know it."""
    return hashlib.sha256(b"form " + token(request).encode()).hexdigest()[:32]


def check_form(request: Request, sent: str) -> None:
    """Raise NotAllowed unless the form was made for this session."""
    if not token(request) or not hmac.compare_digest(sent.encode(), form_token(request).encode()):
        raise NotAllowed(N_("This form is out of date."), remedy=N_("Open the page again and repeat."))
