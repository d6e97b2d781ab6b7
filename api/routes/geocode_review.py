"""How does a person work off what the geocoder left open? One text at a time, decided, taken back or skipped.

Every decision is one transaction: the alias, all rows that say the same, their places, the territories they count in,
the history of all of it and the figures.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Path, Query, Response
from fastapi.responses import RedirectResponse

from api import naming, session
from api.auth import Action, can, require
from api.deps import PageReading, TheDatabase, Visit
from api.frame import frame, look
from api.geocoder import today
from api.html import html
from geo.analysis import tally
from geo.errors import N_, BadInput, Conflict, Message, NotFound, OkrugaError
from geo.geocode import review
from geo.geocode.offers import ANSWER, COARSER, WORDS, Offer, offers
from geo.geocode.review import Group, Task
from geo.registers import BY_NAME
from geo.settings import settings
from geo.store.account import Account
from geo.store.engine import Connection
from geo.store.territories import names_of
from geo.vocabulary import GeocodeStatus
from maps.review import DecisionRow, OfferRow, Option, Review, TaskRow, build, stretches
from maps.rows import Link
from maps.text import Title, localise

pages = APIRouter()
PRIVATE = {"Cache-Control": "no-store"}
ROOT = "/steward/geocode"
HEADINGS = {WORDS: N_("For your words"), ANSWER: N_("Candidates"), COARSER: N_("Coarser")}
NARROWED = ("register", "territory", "reason", "after", "words")
MOST_FILTERS = 200
NAMED = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows the person works on, what was skipped, and the words tried for this one."""

    register: str = ""
    territory: str = ""
    reason: str = ""
    after: str = ""
    words: str = ""

    @property
    def asked(self) -> dict[str, str]:
        """The same by name."""
        return {name: getattr(self, name) for name in NARROWED}

    @property
    def filters(self) -> dict[str, Any]:
        """The filters as geo.geocode.review takes them."""
        return {
            "register": self.register, "reason": self.reason,
            "territory": int(self.territory) if self.territory.isdigit() else None,
        }  # fmt: skip

    @property
    def passed(self) -> int:
        """The last task that was skipped."""
        return int(self.after) if self.after.isdigit() else 0


Number = Annotated[str, Query(max_length=18, pattern="^[0-9]*$")]


def in_address(
    register: Annotated[str, Query(max_length=30)] = "", territory: Annotated[str, Query(max_length=9)] = "",
    reason: Annotated[str, Query(max_length=400)] = "", after: Number = "",
    words: Annotated[str, Query(max_length=500)] = "",
) -> Wanted:  # fmt: skip
    return Wanted(register, territory, reason, after, words)


def in_form(
    of: Annotated[str, Form(alias="register", max_length=30)] = "", territory: Annotated[str, Form(max_length=9)] = "",
    reason: Annotated[str, Form(max_length=400)] = "",
    after: Annotated[str, Form(max_length=18, pattern="^[0-9]*$")] = "",
    words: Annotated[str, Form(max_length=500)] = "",
) -> Wanted:  # fmt: skip
    return Wanted(of, territory, reason, after, words)


@pages.get(ROOT)
def review_page(
    visit: PageReading, database: TheDatabase, wanted: Annotated[Wanted, Depends(in_address)],
    task: Annotated[int, Query(ge=0, lt=2**62)] = 0, settled: Annotated[int, Query(ge=0, lt=2**31)] = 0,
    undone: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> Response:  # fmt: skip
    """The next row that waits; whoever is not signed in is asked to."""
    if visit.account is None:
        return RedirectResponse(localise("/sign-in?" + urlencode({"next": ROOT}), visit.lang), 303, PRIVATE)
    account = require(visit.account, Action.EDIT)
    said: Title = ""
    if settled or undone:
        sentence = N_("Rows placed by this decision: {count}.") if settled else N_("Rows that wait again: {count}.")
        said = Message(sentence, {"count": settled or undone})
    with database.writing(account.login) as connection:
        return shown(visit, connection, account, wanted, task, said=said)


def shown(
    visit: Visit, connection: Connection, account: Account, wanted: Wanted, task: int = 0, *, said: Title = "",
    problem: Title = "", status: int = 200,
) -> Response:  # fmt: skip
    """The page with the task asked for, or the next one."""
    groups = review.groups(connection)
    wordings, rows = review.left_over(connection, **wanted.filters)
    found = chosen(connection, task) or next(
        iter(review.open_tasks(connection, **wanted.filters, after=wanted.passed, limit=1)), None
    )
    names = names_of(connection, {group.territory for group in groups if group.territory is not None})
    page = Review(
        lang=visit.lang, bounds=look(visit).bounds, form=session.form_token(visit.request),
        task=task_row(visit, connection, found, wanted.words, names) if found else None,
        wordings=wordings, rows=rows, asked=wanted.asked,
        registers=options(groups, "register", lambda code: BY_NAME[code].title_plural if code in BY_NAME else "—"),
        territories=options(groups, "territory", lambda code: names.get(code, "—")),
        reasons=options(groups, "reason", lambda reason: without_names(visit.say(reason)) or "—"),
        last=last_decision(connection, account), said=said, problem=problem,
        may_ask_again=can(account, Action.LOAD), basemap_url=settings().basemap_url,
        basemap_attribution=settings().basemap_attribution, frame=frame(visit),
    )  # fmt: skip
    return html(visit.request, str(build(page).get_root().render()), status=status, headers=PRIVATE)


def chosen(connection: Connection, task: int) -> Task | None:
    """The task the address names, as long as it waits."""
    if not task:
        return None
    try:
        found = review.get_task(connection, task)
    except NotFound:
        return None
    return found if found.status and found.status != GeocodeStatus.MANUAL else None


def task_row(visit: Visit, connection: Connection, task: Task, words: str, names: dict[int, str]) -> TaskRow:
    offered = offers(connection, today(visit).get(), task, words)
    entry = review.entry_of(connection, task)
    return TaskRow(
        id=task.id, stretches=stretches(task.text, task.parts), status=task.status or GeocodeStatus.REVIEW,
        why=task.why, same=task.same, offers=tuple(offer_rows(offered)), seen=digest(offered),
        scope=names.get(task.scope_territory_id or 0, ""),
        register=BY_NAME[entry.register].title if entry else "",
        entry=Link(title=entry.title or f"№ {entry.id}", href=naming.entry_href(entry.register, entry.id, visit.lang))
        if entry else None,
    )  # fmt: skip


def offer_rows(offered: Iterable[Offer]) -> Iterable[OfferRow]:
    for number, offer in enumerate(offered, 1):
        spot = offer.spot
        yield OfferRow(
            number=number, label=offer.label, level=spot.level, lat=spot.lat, lon=spot.lon, radius_m=spot.radius_m,
            group=HEADINGS[offer.origin], territory=spot.territory,
        )  # fmt: skip


def digest(offered: Sequence[Offer]) -> str:
    """What the person saw: a number sent later must mean the same place."""
    seen = "|".join(f"{offer.label};{offer.spot.lat:.6f};{offer.spot.lon:.6f}" for offer in offered)
    return hashlib.sha256(seen.encode()).hexdigest()[:16]


def options(groups: Sequence[Group], name: str, titled: Any) -> tuple[Option, ...]:
    """What can be filtered by, with the rows each leaves, the most first."""
    counted: Counter[Any] = Counter()
    for group in groups:
        counted[getattr(group, name)] += group.rows
    known = [(value, rows) for value, rows in counted.most_common(MOST_FILTERS) if value]
    return tuple(Option(value=str(value), title=titled(value), rows=rows) for value, rows in known)


def without_names(sentence: str) -> str:
    """A reason as a heading of many rows: what it names differs from row to row."""
    return NAMED.sub("…", sentence)


def last_decision(connection: Connection, account: Account) -> DecisionRow | None:
    found = review.decisions(connection, actor=account.login, limit=1)
    return DecisionRow(id=found[0].id, text=found[0].text, label=found[0].label, rows=found[0].rows) if found else None


Sent = Annotated[str, Form(max_length=24)]


@pages.post(ROOT + "/undo")
def take_back(
    visit: PageReading, database: TheDatabase, wanted: Annotated[Wanted, Depends(in_form)],
    decision: Annotated[int, Form(ge=1, lt=2**62)], form: Annotated[str, Form(max_length=100)] = "",
) -> Response:  # fmt: skip
    """Take the decision back and show its text again."""
    account = require(visit.account, Action.EDIT)
    session.check_form(visit.request, form)
    with database.writing(account.login) as connection:
        try:
            owner = review.get_decision(connection, decision).actor
            if owner != account.login:
                require(account, Action.UNDO, owner)
            taken = review.take_back(connection, decision, today(visit).get(), account.login)
        except NotFound as error:
            return shown(visit, connection, account, wanted, problem=told(visit, error), status=404)
        tally.settle_on(connection)
    return onwards(visit, wanted, task=taken.task or 0, undone=taken.rows)


@pages.post(ROOT + "/{task}")
def decide(
    visit: PageReading, database: TheDatabase, wanted: Annotated[Wanted, Depends(in_form)],
    task: Annotated[int, Path(ge=1, lt=2**62)], decision: Sent = "", number: Sent = "", seen: Sent = "",
    lat: Sent = "", lon: Sent = "", form: Annotated[str, Form(max_length=100)] = "",
) -> Response:  # fmt: skip
    """Settle all rows that say the same, and go on to the next."""
    account = require(visit.account, Action.EDIT)
    session.check_form(visit.request, form)
    try:
        with database.writing(account.login) as connection:
            if decision == "choose":
                rows = choose(visit, connection, account, review.get_task(connection, task), wanted.words, number, seen)
            elif decision == "pin":
                rows = review.pin(connection, task, degrees(lat), degrees(lon), account.login)
            elif decision == "none":
                rows = review.not_an_address(connection, task, account.login)
            else:
                raise BadInput(N_("This form is out of date."), remedy=N_("Open the page again and repeat."))
            tally.settle_on(connection)
    except (BadInput, Conflict) as error:
        # told beside the row, so that nothing the person has before the eyes is lost
        with database.writing(account.login) as connection:
            return shown(
                visit, connection, account, wanted, task, problem=told(visit, error),
                status=409 if isinstance(error, Conflict) else 422,
            )  # fmt: skip
    return onwards(visit, wanted, settled=rows)


def choose(
    visit: Visit, connection: Connection, account: Account, task: Task, words: str, number: str, seen: str
) -> int:
    """Take one of the places offered, if it is still what stood under that number."""
    offered = offers(connection, today(visit).get(), task, words)
    at = int(number) if number.isdecimal() else 0
    if not 1 <= at <= len(offered):
        raise BadInput(N_("There is no candidate {number}."), number=number[:8])
    if seen != digest(offered):
        raise Conflict(N_("The address lists changed meanwhile. Look at the candidates again."))
    return review.put(connection, task.id, offered[at - 1].spot, offered[at - 1].label, account.login)


def told(visit: Visit, error: OkrugaError) -> str:
    """What went wrong and what to do next."""
    return f"{visit.say(error.message)} {visit.say(error.remedy)}".strip()


def degrees(sent: str) -> float:
    """A coordinate as people write it: a comma will do."""
    try:
        return float(sent.strip().replace(",", "."))
    except ValueError:
        raise BadInput(
            N_("{value} is not a coordinate."), remedy=N_("Write degrees such as 55.7512."), value=sent
        ) from None


def onwards(visit: Visit, wanted: Wanted, **more: int) -> Response:
    """Back to the queue, where the filters are as they were."""
    kept = {name: value for name, value in wanted.asked.items() if value and name != "words"}
    query = urlencode({**kept, **{name: value for name, value in more.items() if value}})
    return RedirectResponse(localise(f"{ROOT}?{query}" if query else ROOT, visit.lang), 303, PRIVATE)
