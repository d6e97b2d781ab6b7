"""How does somebody sign in? With a link that works once, or with a password set later.

Opening the link shows a button and spends nothing: previews in mail and chat programs open links too. Pressing it
spends the link and starts a new session; a session that was there before is closed.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from api import language, session
from api.attempts import Attempts
from api.auth import Action, require
from api.deps import TheDatabase
from api.html import html
from geo.errors import BadInput, Message, NotAllowed, OkrugaError
from geo.store import account as accounts
from maps.pages import Frame, SignInPage, render
from maps.text import localise

pages = APIRouter()
attempts = Attempts()
# the address of this page holds the token: it must neither be stored nor told to the next site
SECRET = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
HOME = "/steward"

Token = Annotated[str, Query(max_length=200)]
Next = Annotated[str, Query(max_length=300)]
Text = Annotated[str, Form(max_length=200)]


@pages.get("/sign-in")
def sign_in_page(request: Request, token: Token = "", next: Next = HOME) -> Response:
    return sign_in_form(request, token, next)


def sign_in_form(
    request: Request, token: str, following: str, problem: Message | str = "", status: int = 200
) -> Response:
    """The page with the button (a link was opened) or with the fields for name and password."""
    lang = language.of(request)
    query = {"token": token, "next": inside(following)} if token else {"next": inside(following)}
    page = SignInPage(
        frame=Frame(lang=lang, path="/sign-in"), action=f"{localise('/sign-in', lang)}?{urlencode(query)}",
        next=inside(following), problem=problem, by_link=bool(token),
    )  # fmt: skip
    return html(request, render(page), status=status, headers=SECRET)


@pages.post("/sign-in")
def sign_in(
    request: Request, database: TheDatabase, token: Token = "", next: Next = HOME, login: Text = "", password: Text = ""
) -> Response:  # fmt: skip
    """Start a session, or show the form again with the reason why not."""
    try:
        attempts.check(visitor(request))
        with database.writing("sign-in") as connection:
            accounts.end_session(connection, session.token(request))
            new_token = (
                accounts.use_link(connection, token) if token else accounts.use_password(connection, login, password)
            )
    except (NotAllowed, BadInput) as error:
        attempts.failed(visitor(request))
        return sign_in_form(request, "", next, sentence(error), status=403)
    attempts.forget(visitor(request))
    answer = RedirectResponse(localise(inside(next), language.of(request)), 303, SECRET)
    session.start(request, answer, new_token)
    return answer


@pages.post("/sign-out")
def sign_out(request: Request, database: TheDatabase, form: Text = "") -> Response:
    session.check_form(request, form)
    with database.writing("sign-out") as connection:
        accounts.end_session(connection, session.token(request))
    answer = RedirectResponse(localise("/", language.of(request)), 303)
    session.end(request, answer)
    return answer


@pages.post("/steward/password")
def set_password(request: Request, database: TheDatabase, password: Text, form: Text = "") -> Response:
    """A password of one's own, beside the links."""
    session.check_form(request, form)
    who = session.account(request, database)
    who = require(who, Action.PASSWORD, who.login if who else "")
    with database.writing(who.login) as connection:
        accounts.set_password(connection, who.id, password)
    return RedirectResponse(localise(HOME, language.of(request)), 303)


def visitor(request: Request) -> str:
    """Who tries: the address the request came from."""
    return request.client.host if request.client else ""


def inside(path: str) -> str:
    """A path of this service; anything else becomes the steward's page.

    >>> inside("//evil.example"), inside("/districts?kind=a")
    ('/steward', '/districts?kind=a')
    """
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if plain else HOME


def sentence(error: OkrugaError) -> Message:
    """What happened and what to do, as one message."""
    return Message("{what} {remedy}", {"what": error.message, "remedy": error.remedy})
