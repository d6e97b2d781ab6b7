"""Which pages are there besides the maps, and what does each show? One frozen dataclass and one template each.

`render(page)` gives the whole HTML. Everything stored is escaped by the templates; codes, numbers and dates are put
into the page's language there. The rows the pages are made of are in `maps.rows`.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar
from urllib.parse import urlencode

from geo.errors import N_
from geo.vocabulary import (
    NOT_MONEY,
    Channel,
    FineKind,
    FundingSource,
    NeedPriority,
    NeedStatus,
    ProjectStatus,
    TerritoryKind,
    Theme,
    TosStatus,
)
from maps import charts, text
from maps.explained import ChannelRow, Family, ShareRow
from maps.explorer import Explorer, Switch, switches
from maps.layout import Frame, Source, draw, titled
from maps.rows import (
    BoundaryNote,
    Candidate,
    Cell,
    Column,
    Contact,
    DistrictRow,
    EntryRow,
    Event,
    Indicator,
    Link,
    NearItem,
    NearTerritory,
    PlaceNote,
    TableRow,
    TerritoryRow,
    TosRow,
)
from maps.text import Title

__all__ = [
    "BoundaryNote",
    "Candidate",
    "Cell",
    "Column",
    "Contact",
    "DistrictPage",
    "DistrictRow",
    "DistrictsPage",
    "DocsPage",
    "EntryRow",
    "ErrorPage",
    "Event",
    "Frame",
    "HomePage",
    "Indicator",
    "Link",
    "NearItem",
    "NearPage",
    "NearTerritory",
    "NeedPage",
    "Page",
    "PlaceNote",
    "ProjectPage",
    "SignInPage",
    "Source",
    "TablePage",
    "TableRow",
    "TerritoryRow",
    "TosPage",
    "TosRow",
    "render",
]


@dataclass(frozen=True, kw_only=True)
class Page:
    """What every page has: its surroundings, a template and a heading."""

    template: ClassVar[str]
    frame: Frame

    @property
    def lang(self) -> str:
        """The language of the page."""
        return text.known(self.frame.lang)

    @property
    def heading(self) -> str:
        """The title of the page, in its language."""
        raise NotImplementedError

    def say(self, msgid: str) -> str:
        """A sentence in the page's language."""
        return text.translate(msgid, self.lang)


def render(page: Page) -> str:
    """The whole page as HTML."""
    return str(draw(page.template, page.frame, page=page, title=page.heading))


@dataclass(frozen=True, kw_only=True)
class HomePage(Page):
    """One question, three doors, live numbers. `place` is the name of the city or region."""

    template = "home.html"
    place: str
    residents: int | None = None
    districts: int = 0
    tos: int = 0
    projects: int = 0
    needs: int = 0
    events: int = 0

    @property
    def heading(self) -> str:
        return self.place or self.say(N_("The city's self-government on the map"))


@dataclass(frozen=True, kw_only=True)
class NearPage(Page):
    """What is around a point, as a list: the twin of the near map, and the answer to an address that is not certain."""

    template = "near_list.html"
    query: str = ""
    lat: float | None = None
    lon: float | None = None
    radius_m: float = 1000
    candidates: tuple[Candidate, ...] = ()
    territories: tuple[NearTerritory, ...] = ()
    items: tuple[NearItem, ...] = ()
    number_matched: int = 0
    outside: bool = False
    why: Title = ""
    by: str = "line"
    walks: bool = False
    notes: tuple[Title, ...] = ()
    sources: tuple[str, ...] = ()
    farthest_m: float = 50_000

    @property
    def heading(self) -> str:
        return self.say(N_("Near me"))

    def at(self, radius_m: float, by: str, view: str = "list") -> str:
        """The address of the same point with another radius or another measure of distance."""
        words = {"view": view, "lat": self.lat, "lon": self.lon, "radius": round(radius_m)}
        words |= {"by": by} if by != "line" else {}
        return self.frame.href(f"/near?{urlencode({name: word for name, word in words.items() if word})}")

    @property
    def wider_m(self) -> float | None:
        """Twice the radius; None where so far is not looked."""
        return self.radius_m * 2 if self.radius_m * 2 <= self.farthest_m else None

    @property
    def map_href(self) -> str:
        """The same point on the map."""
        return self.at(self.radius_m, self.by, view="")


@dataclass(frozen=True, kw_only=True)
class DistrictsPage(Page):
    """All territories of a kind with their indicators, sortable by address."""

    template = "districts.html"
    kind: TerritoryKind
    kinds: tuple[TerritoryKind, ...]
    period: str
    periods: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[DistrictRow, ...]
    sort: str = ""
    descending: bool = True
    table_hrefs: Mapping[str, str] | None = None
    family: str = ""
    families: tuple[tuple[str, str], ...] = ()

    @property
    def heading(self) -> str:
        return self.say(N_("Districts side by side"))

    def sort_href(self, code: str) -> str:
        """The page sorted by a column; the same column again turns the order round."""
        turned = "asc" if self.sort == code and self.descending else "desc"
        family = f"&family={self.family}" if self.family else ""
        return self.frame.href(f"/districts?kind={self.kind}&period={self.period}{family}&sort={code}&order={turned}")

    @cached_property
    def tops(self) -> tuple[float, ...]:
        """The largest value of each column."""
        return tuple(max((row.cells[at].value or 0 for row in self.rows), default=0) for at in range(len(self.columns)))

    def width(self, column: int, cell: Cell) -> float:
        """The bar of a cell among its column."""
        return charts.bar(cell.value, self.tops[column])


@dataclass(frozen=True, kw_only=True)
class DistrictPage(Page):
    """The passport of one territory: facts, indicators beside the other districts, projects, money, needs."""

    template = "district.html"
    code: str
    name: str
    kind: TerritoryKind
    period: str
    residents: int | None = None
    residents_16: int | None = None
    area_km2: float | None = None
    parents: tuple[Link, ...] = ()
    boundary: BoundaryNote | None = None
    indicators: tuple[Indicator, ...] = ()
    statuses: tuple[tuple[ProjectStatus, int], ...] = ()
    money: tuple[tuple[FundingSource, int], ...] = ()
    currency: str = "RUB"
    needs: tuple[EntryRow, ...] = ()
    projects: tuple[EntryRow, ...] = ()
    events: tuple[EntryRow, ...] = ()
    parts: tuple[TerritoryRow, ...] = ()
    organisations: tuple[Contact, ...] = ()
    map_url: str = ""
    families: tuple[Family, ...] = ()
    channels: tuple[ChannelRow, ...] = ()
    shares: tuple[ShareRow, ...] = ()
    periods: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        return self.name

    @property
    def stages(self) -> tuple[charts.Segment[ProjectStatus], ...]:
        """The projects by stage, as a bar."""
        return charts.stack([(status, count) for status, count in self.statuses])

    @property
    def plots(self) -> tuple[tuple[Indicator, charts.DotPlot | None], ...]:
        """Each indicator with its dot plot."""
        return tuple((each, charts.dot_plot(each)) for each in self.indicators)

    @property
    def funding(self) -> Funding:
        """The money by source."""
        return Funding(parts=self.money, currency=self.currency)


@dataclass(frozen=True, kw_only=True, slots=True)
class Funding:
    """Money by source; what is given in kind or as labour stands apart and is never added."""

    parts: tuple[tuple[FundingSource, int], ...]
    currency: str
    stated_minor: int | None = None

    @property
    def segments(self) -> tuple[charts.Segment[FundingSource], ...]:
        """The sources of money as a bar, amounts in minor units."""
        return charts.stack([(source, minor) for source, minor in self.parts if source not in NOT_MONEY])

    @property
    def apart(self) -> tuple[tuple[FundingSource, int], ...]:
        """What is not money."""
        return tuple((source, minor) for source, minor in self.parts if source in NOT_MONEY and minor)

    @property
    def total_minor(self) -> int:
        """The stated total, or the sum of the money."""
        return self.stated_minor or sum(minor for source, minor in self.parts if source not in NOT_MONEY)


@dataclass(frozen=True, kw_only=True)
class ProjectPage(Page):
    """One project: what, where, stage, money, who, what came of it."""

    template = "project.html"
    id: str | int
    title: str
    description: str
    status: ProjectStatus
    theme: Theme | None = None
    secondary_themes: tuple[Theme, ...] = ()
    planned_from: datetime.date | None = None
    planned_to: datetime.date | None = None
    starts_on: datetime.date | None = None
    completed_on: datetime.date | None = None
    places: tuple[PlaceNote, ...] = ()
    money: tuple[tuple[FundingSource, int], ...] = ()
    total_minor: int | None = None
    currency: str = "RUB"
    beneficiaries: int | None = None
    supporters: int | None = None
    votes: int | None = None
    initiator: str = ""
    programme: str = ""
    needs: tuple[EntryRow, ...] = ()
    url: str = ""
    history: tuple[Event, ...] = ()
    nearby: tuple[EntryRow, ...] = ()
    source: str = ""
    map_url: str = ""

    # the way of a project as people see it; the stages a project can fall out of are said instead of the way
    way: ClassVar[tuple[ProjectStatus, ...]] = tuple(
        status for status in ProjectStatus if status not in (ProjectStatus.NOT_SELECTED, ProjectStatus.CANCELLED)
    )

    @property
    def heading(self) -> str:
        return self.title

    @property
    def step(self) -> int:
        """How far along the way the project is, -1 when it left it."""
        return self.way.index(self.status) if self.status in self.way else -1

    @property
    def funding(self) -> Funding:
        """The money by source."""
        return Funding(parts=self.money, currency=self.currency, stated_minor=self.total_minor)


@dataclass(frozen=True, kw_only=True)
class NeedPage(Page):
    """One need: what, where, since when, what answers it."""

    template = "need.html"
    id: str | int
    title: str
    description: str
    status: NeedStatus
    theme: Theme | None = None
    secondary_themes: tuple[Theme, ...] = ()
    priority: NeedPriority | None = None
    reported_on: datetime.date | None = None
    answered_on: datetime.date | None = None
    channel: Channel | None = None
    affected_people: int | None = None
    supporters: int | None = None
    places: tuple[PlaceNote, ...] = ()
    projects: tuple[EntryRow, ...] = ()
    history: tuple[Event, ...] = ()
    nearby: tuple[EntryRow, ...] = ()
    source: str = ""
    map_url: str = ""

    @property
    def heading(self) -> str:
        return self.title


@dataclass(frozen=True, kw_only=True)
class TosPage(Page):
    """The register of TOS, and how to found one."""

    template = "tos.html"
    rows: tuple[TosRow, ...]
    total: int
    active: int
    residents_share: float | None = None
    query: str = ""
    status: str = ""
    next_href: str = ""
    statuses: ClassVar[tuple[TosStatus, ...]] = tuple(TosStatus)

    @property
    def heading(self) -> str:
        return self.say(N_("Territorial public self-government"))


@dataclass(frozen=True, kw_only=True)
class TablePage(Page):
    """The table twin of a question's map: the same numbers, without script."""

    template = "table.html"
    question: str
    measure: Title
    unit: str
    kind: TerritoryKind | FineKind
    period: str
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    theme: Title = ""
    base: Title = ""
    distance_m: float | None = None
    method: str = ""
    sources: tuple[str, ...] = ()
    note: str = ""
    csv_href: str = ""
    map_href: str = ""
    # whether distances are asked for on foot; None where the measure rests on none
    on_foot: bool | None = None
    # further words of the address that a new choice keeps
    kept: tuple[tuple[str, str], ...] = ()
    choices: Explorer | None = field(default=None, repr=False)

    @property
    def heading(self) -> str:
        return titled(self.measure, self.lang)

    @property
    def switches(self) -> tuple[Switch, ...]:
        """The form that changes the table; none without choices."""
        return switches(self.choices) if self.choices else ()

    @cached_property
    def tops(self) -> tuple[float, ...]:
        """The largest value of each column."""
        return tuple(max((row.cells[at].value or 0 for row in self.rows), default=0) for at in range(len(self.columns)))

    def width(self, column: int, cell: Cell) -> float:
        """The bar of a cell among its column."""
        return charts.bar(cell.value, self.tops[column])


# what a status means to a reader: title, what happened, what to do
ERRORS: dict[int, tuple[str, str]] = {
    400: (N_("The request is not clear"), N_("Go back and check what you typed.")),
    401: (N_("Please sign in"), N_("This page needs an account.")),
    403: (
        N_("This is not allowed"),
        N_("Your account has no right to this page. Ask the data steward of your territory."),
    ),
    404: (N_("There is no such page"), N_("Check the address, or look for the place or the project by its name.")),
    405: (N_("This does not work here"), N_("Go back and use the buttons of the page.")),
    409: (N_("Somebody was faster"), N_("The data were changed in the meantime. Reload the page and try again.")),
    410: (N_("This is no longer public"), N_("The entry was withdrawn or merged with another one.")),
    413: (N_("This is too large"), N_("Send a smaller file or fewer rows.")),
    422: (N_("Something does not fit"), N_("Correct the value named here and try again.")),
    429: (N_("Too many requests"), N_("Wait a minute and try again.")),
    500: (
        N_("Something broke on our side"),
        N_("The error is recorded. Try again; if it stays, tell the operator the number below."),
    ),
    503: (N_("The service is busy"), N_("Maps that are open keep working. Try again in a minute.")),
}


@dataclass(frozen=True, kw_only=True)
class ErrorPage(Page):
    """What went wrong and what to do next. `detail` and `remedy` are the service's own sentences."""

    template = "error.html"
    status: int
    detail: Title = ""
    remedy: Title = ""
    instance: str = ""

    @property
    def heading(self) -> str:
        return self.say(self._words[0])

    @property
    def next_step(self) -> str:
        """What to do next."""
        return text.say(self.remedy, self.lang) if self.remedy else self.say(self._words[1])

    @property
    def _words(self) -> tuple[str, str]:
        return ERRORS.get(self.status) or ERRORS[500 if self.status >= 500 else 400]


@dataclass(frozen=True, kw_only=True)
class SignInPage(Page):
    """Sign in with an account of this installation: name and password, or one button after opening a link."""

    template = "sign_in.html"
    action: str = "/sign-in"
    next: str = "/"
    problem: Title = ""
    csrf: str = ""
    by_link: bool = False

    @property
    def heading(self) -> str:
        return self.say(N_("Sign in"))


@dataclass(frozen=True, kw_only=True)
class DocsPage(Page):
    """The reference of the HTTP interface, drawn from its OpenAPI description."""

    template = "docs.html"
    openapi: str = "/openapi.json"

    @property
    def heading(self) -> str:
        return self.say(N_("API reference"))
