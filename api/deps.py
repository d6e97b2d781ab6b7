"""What does a route need of a request? The database, the language, the account, paging and places, parsed and checked.

A public answer is a function of its address, the language and the version of the data. So every reading request
starts by asking for that version (one row); a client that already has the answer of this version gets 304 and nothing
is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Query, Request, Response
from pydantic import BeforeValidator

from api import boxes, language, session
from api.html import page_headers
from api.kept import Kept, Packed
from api.packing import pack, packed_answer
from api.remembered import Remembered
from geo.analysis.areas import data_version
from geo.errors import N_, BadInput, Message
from geo.store.account import Account
from geo.store.engine import Connection, Database
from geo.store.once import sharing
from geo.store.query import MAX_LIMIT
from geo.vocabulary import TerritoryKind, Theme
from maps.text import languages, translate

T = TypeVar("T")
JSON = "application/json"
LIMIT_DEFAULT = 100


class NotModified(Exception):
    """The client already has this answer."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers


class Moved(Exception):
    """What was asked for has its page at another address, for good."""

    def __init__(self, address: str) -> None:
        self.address = address


async def database(request: Request) -> Database:
    """The database the application was made with. Nothing is waited for: a plain function would be run in a thread."""
    found: Database = request.app.state.database
    return found


@dataclass(frozen=True, slots=True)
class Visit:
    """One reading request: where it reads, for whom, in which language, from which version of the data."""

    request: Request
    connection: Connection
    lang: str
    data_version: int
    account: Account | None = None

    def json(self, make: Callable[[], Any], *, keep: bool = False) -> Response:
        """A JSON answer; with `keep` it is made once for each version of the data and address."""
        return self._answer(JSON, lambda: dumps(make()), keep=keep)

    def page(self, make: Callable[[], str], *, keep: bool = False) -> Response:
        """A page. It is kept only for visitors without an account: theirs carries their name."""
        return self._answer("text/html; charset=utf-8", lambda: make().encode(), keep=keep and self.account is None)

    def remember(self, what: Hashable, make: Callable[[], T]) -> T:
        """A result computed once for each version of the data; `what` says which."""
        remembered: Remembered = self.request.app.state.remembered
        return remembered.of((what, self.data_version), make)

    def say(self, message: Message | str) -> str:
        """A message in the language of the request."""
        return translate(message, self.lang)

    @property
    def headers(self) -> dict[str, str]:
        """How long the answer may be used: until the data change, which the client asks about each time."""
        return caching(self.request, self.data_version, self.account)

    def _answer(self, media_type: str, make: Callable[[], bytes], *, keep: bool) -> Response:
        if not keep:
            body = make()
            extra = page_headers(self.request, body, media_type)
            return Response(body, media_type=media_type, headers={**self.headers, **extra})
        packed = self._kept(media_type, make)
        return packed_answer(self.request, packed.body, media_type, {**self.headers, **dict(packed.headers)})

    def _kept(self, media_type: str, make: Callable[[], bytes]) -> Packed:
        kept: Kept = self.request.app.state.kept
        key = (self.request.url.path, self.request.url.query, self.lang, self.data_version)
        found = kept.get(key)
        if found is None:
            body = make()
            found = Packed(pack(body), media_type, tuple(page_headers(self.request, body, media_type).items()))
            kept.put(key, found)
        return found


def dumps(value: Any) -> bytes:
    """JSON bytes; exact decimals of published figures become numbers."""
    return orjson.dumps(value, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def caching(request: Request, version: int, account: Account | None) -> dict[str, str]:
    """ETag and Cache-Control of an answer made from this version of the data."""
    whose = f"-{account.id}" if account else ""
    return {
        "ETag": f'W/"{version}-{request.app.state.build}{whose}"',
        "Cache-Control": "private, no-cache" if account else "public, no-cache",
    }


def visit(request: Request, database: Annotated[Database, Depends(database)]) -> Iterator[Visit]:
    """A reading request of a program: no account, `lang=` for the language."""
    check_language(request)
    yield from _reading(request, database, None)


def page_visit(request: Request, database: Annotated[Database, Depends(database)]) -> Iterator[Visit]:
    """A reading request for a page: the language stands in the path, the account in the cookie."""
    yield from _reading(request, database, session.account(request, database))


def _reading(request: Request, database: Database, account: Account | None) -> Iterator[Visit]:
    with database.reading() as connection, sharing(connection):
        version = data_version(connection)
        headers = caching(request, version, account)
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            raise NotModified(headers)
        yield Visit(request, connection, language.of(request), version, account)


def check_language(request: Request) -> None:
    """Refuse a language there is no catalogue for, instead of answering in another."""
    asked = request.query_params.get("lang")
    if asked is not None and asked not in languages():
        raise BadInput(
            N_("There is no language {value} here."), remedy=N_("Choose one of: {known}."),
            field="lang", value=asked[:20], known=", ".join(languages()),
        )  # fmt: skip


# the connection goes back to the pool before the answer is sent: a slow reader holds nothing
Reading = Annotated[Visit, Depends(visit, scope="function")]
PageReading = Annotated[Visit, Depends(page_visit, scope="function")]
TheDatabase = Annotated[Database, Depends(database)]


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a long list: at most `limit` items from where `cursor` says."""

    limit: int
    cursor: str


def paging(
    limit: Annotated[int, Query(ge=1, description="Items wanted; at most 1000 are given.")] = LIMIT_DEFAULT,
    cursor: Annotated[str, Query(max_length=18, pattern="^[0-9]*$", description="`next` of the answer before.")] = "",
) -> Paging:
    return Paging(min(limit, MAX_LIMIT), cursor)


def bbox(
    bbox: Annotated[
        str,
        Query(max_length=200, description="west,south,east,north in degrees; west > east crosses the date line.",
              json_schema_extra={"pattern": boxes.PATTERN}),
    ] = "",
) -> boxes.Box | None:  # fmt: skip
    return boxes.parse_bbox(bbox)


Pages = Annotated[Paging, Depends(paging)]
BBox = Annotated[boxes.Box | None, Depends(bbox)]
# `theme=` without a value, as forms send it, is no theme
Blank = BeforeValidator(lambda sent: None if sent == "" else sent)
# ranges are checked in geo, which can tell a swapped pair from a wrong one
Lat = Annotated[float, Query(description="Latitude, degrees.", json_schema_extra={"minimum": -90, "maximum": 90})]
Lon = Annotated[float, Query(description="Longitude, degrees.", json_schema_extra={"minimum": -180, "maximum": 180})]
On = Annotated[date | None, Blank, Query(description="Boundaries valid on this day; the newest when left out.")]
Kind = Annotated[TerritoryKind | None, Blank, Query(description="Kind of territory.")]
ThemeOf = Annotated[Theme | None, Blank, Query(description="Theme; all when left out.")]
