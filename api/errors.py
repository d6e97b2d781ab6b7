"""What does a visitor or a program see when something goes wrong? The only place where an error becomes a status.

A program gets `application/problem+json`; a browser gets a designed page in its language. Every answer says what
happened and what to do next; what went wrong inside goes into the log under the number the answer carries, never into
the answer.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from api import language
from api.html import html
from geo.errors import (
    N_,
    BadInput,
    Conflict,
    Message,
    NotAllowed,
    NotFound,
    OkrugaError,
    TooLarge,
    Unavailable,
)
from geo.store.query import Withdrawn
from geo.vocabulary import ModerationState
from maps.pages import ErrorPage, Frame, render
from maps.text import translate

log = logging.getLogger("okruga")

PROBLEM_JSON = "application/problem+json"
# answered with problems; everything else is for people
PROGRAM_PATHS = ("/api/", "/tiles", "/ogc", "/static/", "/openapi.json", "/healthz", "/readyz", "/version", "/metrics")


# the first base that fits decides
STATUSES: tuple[tuple[type[OkrugaError], int], ...] = (
    (Withdrawn, 410),
    (NotFound, 404),
    (BadInput, 422),
    (Conflict, 409),
    (NotAllowed, 403),
    (TooLarge, 413),
    (Unavailable, 503),
    (OkrugaError, 400),
)
RETRY_AFTER_S = "5"

# what the framework itself refuses
FRAMEWORK: dict[int, tuple[str, str, str]] = {
    400: ("bad_request", N_("The request could not be read."), N_("Check its form and send it again.")),
    404: (
        "not_found",
        N_("There is nothing at this address."),
        N_("Check the address, or search from the first page."),
    ),
    405: ("method_not_allowed", N_("This address does not take that method."), N_("The API is described at /docs.")),
    413: ("too_large", N_("The request is larger than this service takes."), N_("Send less at once.")),
    415: ("unsupported", N_("This address does not take that kind of content."), N_("The API is described at /docs.")),
}
INTERNAL = Message(N_("Something broke on our side; it has been written down."))
INTERNAL_REMEDY = N_("Try again; if it happens again, tell the administrator the number {number}.")

TITLES: dict[int, str] = {
    400: N_("The request does not fit"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("Method not allowed"),
    409: N_("Contradicts what is stored"),
    410: N_("No longer published"),
    413: N_("Too large"),
    415: N_("Wrong kind of content"),
    422: N_("The input does not fit"),
    500: N_("An error on our side"),
    503: N_("Not available right now"),
}

# pydantic's kinds of misfit in our words; `{name}` takes a value from the misfit's context
MISFITS: dict[str, str] = {
    "missing": N_("This is needed."),
    "int_parsing": N_("This is not a whole number."),
    "int_from_float": N_("This is not a whole number."),
    "int_parsing_size": N_("This number is too large."),
    "multiple_of": N_("This must be a multiple of {multiple_of}."),
    "int_type": N_("This is not a whole number."),
    "float_parsing": N_("This is not a number."),
    "float_type": N_("This is not a number."),
    "finite_number": N_("This is not a number."),
    "greater_than_equal": N_("This must be at least {ge}."),
    "greater_than": N_("This must be more than {gt}."),
    "less_than_equal": N_("This must be at most {le}."),
    "less_than": N_("This must be less than {lt}."),
    "date_parsing": N_("This is not a date; write it as 2026-01-31."),
    "date_from_datetime_parsing": N_("This is not a date; write it as 2026-01-31."),
    "date_from_datetime_inexact": N_("This is not a date; write it as 2026-01-31."),
    "date_type": N_("This is not a date; write it as 2026-01-31."),
    "enum": N_("This is none of: {expected}."),
    "literal_error": N_("This is none of: {expected}."),
    "string_type": N_("This is not text."),
    "string_too_short": N_("This is too short; at least {min_length} characters are needed."),
    "string_too_long": N_("This is too long; at most {max_length} characters are taken."),
    "string_pattern_mismatch": N_("This has characters that cannot stand here."),
    "too_short": N_("This has too few parts; at least {min_length} are needed."),
    "too_long": N_("This has too many parts; at most {max_length} are taken."),
    "bool_parsing": N_("This is neither true nor false."),
    "extra_forbidden": N_("There is no such field."),
    "json_invalid": N_("This is not JSON."),
    "json_type": N_("This is not JSON."),
}
OTHER_MISFIT = N_("This does not fit: {problem}.")


class FieldProblem(BaseModel):
    """One field that does not fit."""

    field: str
    message: str
    value: str


class Problem(BaseModel):
    """An error, as RFC 9457 shapes it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldProblem]


def install(app: FastAPI) -> None:
    """Make the application answer every error in this way."""
    app.exception_handler(OkrugaError)(on_okruga_error)
    app.exception_handler(RequestValidationError)(on_misfit)
    app.exception_handler(HTTPException)(on_http_error)
    app.exception_handler(Exception)(on_bug)


def status_of(error: OkrugaError) -> int:
    """The HTTP status of an error."""
    return next(status for kind, status in STATUSES if isinstance(error, kind))


async def on_okruga_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, OkrugaError)  # noqa: S101 - registered for this class only
    if isinstance(error, Withdrawn):
        return on_withdrawn(request, error)
    status = status_of(error)
    headers = {"Retry-After": RETRY_AFTER_S} if status == 503 else {}
    field = str(error.message.params.get("field", ""))
    fields = [(field, error.message, str(error.message.params.get("value", "")))] if field else []
    return answer(request, status, error.code, error.message, error.remedy, fields, headers)


def on_withdrawn(request: Request, error: Withdrawn) -> Response:
    """An entry that is not shown: merged into another one, which a browser is led to, or refused, with the reason."""
    state, merged_into = error.message.params["state"], error.message.params["merged_into"]
    if merged_into and not for_program(request):
        return RedirectResponse(request.url.path.rpartition("/")[0] + f"/{merged_into}", 302)
    reason = Message(error.message.msgid, {"state": ModerationState(str(state))})
    remedy = Message(N_("It was merged into entry {id}."), {"id": merged_into}) if merged_into else error.remedy
    return answer(request, 410, error.code, reason, remedy)


async def on_misfit(request: Request, error: Exception) -> Response:
    """Parameters or a body that do not fit their declared types."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    fields = [(field_name(each["loc"]), misfit(each), shortened(each.get("input"))) for each in error.errors()]
    detail = Message(N_("{field}: {problem}"), {"field": fields[0][0], "problem": said(request, fields[0][1])})
    remedy = Message(N_("Correct it and ask again; /docs describes every parameter."))
    return answer(request, 422, "bad_input", detail, remedy, fields)


async def on_http_error(request: Request, error: Exception) -> Response:
    """What the framework refuses: unknown addresses, wrong methods, unreadable bodies."""
    assert isinstance(error, HTTPException)  # noqa: S101
    code, what, remedy = FRAMEWORK.get(error.status_code, FRAMEWORK[400])
    return answer(request, error.status_code, code, Message(what), Message(remedy), headers=error.headers)


async def on_bug(request: Request, error: Exception) -> Response:
    """A mistake of ours: the traceback goes to the log, one sentence to the visitor."""
    number = secrets.token_hex(4)
    log.error("unexpected error %s at %s", number, request.url.path, exc_info=error)
    return answer(request, 500, "internal", INTERNAL, Message(INTERNAL_REMEDY, {"number": number}), number=number)


def answer(
    request: Request,
    status: int,
    code: str,
    message: Message,
    remedy: Message,
    fields: Iterable[tuple[str, Message, str]] = (),
    headers: Mapping[str, str] | None = None,
    number: str = "",
) -> Response:
    """A problem for a program, a page for a person."""
    if for_program(request):
        made: Response = problem(request, status, code, message, remedy, fields)
    else:
        frame = Frame(lang=language.of(request), path=language.bare_path(request))
        page = ErrorPage(frame=frame, status=status, detail=message, remedy=remedy, instance=number)
        made = html(request, render(page), status=status)
    made.headers["Cache-Control"] = "no-store"
    made.headers.update(headers or {})
    return made


def problem(
    request: Request,
    status: int,
    code: str,
    message: Message,
    remedy: Message,
    fields: Iterable[tuple[str, Message, str]],
) -> Response:
    """The problem document of an error."""
    body = {
        "type": f"urn:okruga:problem:{code}",
        "title": said(request, Message(TITLES.get(status, TITLES[400]))),
        "status": status,
        "detail": " ".join(filter(None, (said(request, message), said(request, remedy)))),
        "instance": request.url.path,
        "errors": [{"field": name, "message": said(request, text), "value": value} for name, text, value in fields],
    }
    return Response(orjson.dumps(body), status, media_type=PROBLEM_JSON)


def for_program(request: Request) -> bool:
    """Whether a program asks: an address of the API, or a client that takes no HTML."""
    if request.url.path.startswith(PROGRAM_PATHS) or request.url.path in {"/api", "/ogc"}:
        return True
    accepted = request.headers.get("accept", "*/*")
    return "json" in accepted and "text/html" not in accepted


def said(request: Request, message: Message) -> str:
    """A message in the language of the request."""
    return translate(message, language.of(request))


def misfit(error: Mapping[str, Any]) -> Message:
    """One of pydantic's findings in our words."""
    context = {**error.get("ctx", {}), "problem": error["msg"]}
    return Message(MISFITS.get(error["type"], OTHER_MISFIT), {name: str(value) for name, value in context.items()})


def field_name(place: Sequence[str | int]) -> str:
    """Where a misfit is, without the part of the request it stands in: `limit`, `geometry.coordinates.0`."""
    return ".".join(str(part) for part in place[1:]) or str(place[0])


def shortened(value: object) -> str:
    """What was sent, as far as it helps to find it."""
    return str(value)[:100] if isinstance(value, str | int | float) else ""
