"""Where does a text belong that the geocoder left to a person? One row at a time, words marked, candidates on a map.

The page works as plain forms; its script sends the same forms and puts the answer in place, so the map stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from geo.errors import N_
from geo.vocabulary import GeocodeStatus, MatchLevel, TerritoryKind
from maps import assets, text
from maps.explorer import Urls, add_layers
from maps.layers import Mount
from maps.layout import Frame
from maps.near import LAYERS
from maps.page import Bounds, CivicFigure, CivicMap
from maps.pages import Page
from maps.palette import page_colours
from maps.rows import Link
from maps.text import Title

KNOWN, LEFT, UNKNOWN = "known", "left", "unknown"
# what the geocoder took a stretch of text for, and how it is marked
ROLES = {
    "settlement": KNOWN, "place": KNOWN, "house": KNOWN, "district": KNOWN, "region": KNOWN, "country": KNOWN,
    "apartment": LEFT, "private": LEFT, "ignored": UNKNOWN,
}  # fmt: skip
LEGEND = (
    (KNOWN, N_("recognised")),
    (LEFT, N_("not needed to find the place")),
    (UNKNOWN, N_("not understood")),
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the text; `mark` is one of the legend's, empty for what is between the words."""

    text: str
    mark: str = ""


def stretches(raw: str, parts: Sequence[Mapping[str, object]]) -> tuple[Stretch, ...]:
    """The whole text in pieces, marked by role; parts come in order and do not overlap.

    >>> [(each.text, each.mark) for each in stretches("ул. Мира, кв 7", [{"start": 4, "end": 8, "role": "place"}])]
    [('ул. ', ''), ('Мира', 'known'), (', кв 7', '')]
    """
    found, at = [], 0
    for part in parts:
        start, end = int(str(part["start"])), int(str(part["end"]))
        if at < start:
            found.append(Stretch(raw[at:start]))
        found.append(Stretch(raw[start:end], ROLES.get(str(part["role"]), "")))
        at = end
    if at < len(raw):
        found.append(Stretch(raw[at:]))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """A place that can be chosen; `group` is the heading it stands under, `territory` the code of a stored territory
    whose boundary it has."""

    number: int
    label: str
    level: MatchLevel
    lat: float
    lon: float
    radius_m: float
    group: Title
    territory: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """The text before the person: `same` rows say it, `seen` proves which offers were shown."""

    id: int
    stretches: tuple[Stretch, ...]
    status: GeocodeStatus
    why: Title
    same: int
    offers: tuple[OfferRow, ...]
    seen: str
    scope: str = ""
    register: Title = ""
    entry: Link | None = None

    @property
    def groups(self) -> tuple[tuple[Title, tuple[OfferRow, ...]], ...]:
        """The offers under their headings, in order."""
        headings = list(dict.fromkeys(str(offer.group) for offer in self.offers))
        return tuple((name, tuple(o for o in self.offers if o.group == name)) for name in headings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A value to filter by, with how many rows it leaves."""

    value: str
    title: Title
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """The person's last decision, which can be taken back."""

    id: int
    text: str
    label: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class Review:
    """Everything the page shows. `asked` are the filters of the address: register, territory, reason, after, words."""

    lang: str
    bounds: Bounds
    form: str
    task: TaskRow | None
    wordings: int
    rows: int
    asked: Mapping[str, str]
    registers: tuple[Option, ...] = ()
    territories: tuple[Option, ...] = ()
    reasons: tuple[Option, ...] = ()
    last: DecisionRow | None = None
    said: Title = ""
    problem: Title = ""
    may_ask_again: bool = False
    basemap_url: str = ""
    basemap_attribution: str = ""
    urls: Urls = field(default_factory=Urls)
    frame: Frame = field(default_factory=Frame)

    @property
    def chosen(self) -> tuple[Option, ...]:
        """The filters that are on."""
        lists = (("register", self.registers), ("territory", self.territories), ("reason", self.reasons))
        return tuple(each for name, known in lists for each in known if each.value == self.asked[name])

    def kept(self, *left: str) -> tuple[tuple[str, str], ...]:
        """The filters a form carries on, without those named and without empty ones."""
        return tuple((name, value) for name, value in self.asked.items() if value and name not in left)


def build(review: Review) -> CivicMap:
    """The page as a folium map; `get_root().render()` is the page."""
    title = text.translate(N_("Addresses to place"), review.lang)
    figure = CivicFigure(title, review.frame, "review.html", bodyclass="near reviewing", page=review, legend=LEGEND)
    civic_map = CivicMap(review.bounds, figure)
    add_layers(civic_map, LAYERS, review.basemap_url, review.basemap_attribution, fill=False)
    civic_map.add_child(Mount("review.js", options(review)))
    return civic_map


def options(review: Review) -> dict[str, object]:
    """What the page's script reads; the row itself stands in the page."""
    return {
        "map": "okruga_map",
        "lang": review.lang,
        "messages": assets.url(assets.messages_name(review.lang)),
        "bounds": review.bounds,
        "urls": {**asdict(review.urls), "locate": "/api/locate", "territories": "/api/territories"},
        "colours": page_colours(),
        "prefix": text.localise("", review.lang),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """What today's address lists say about a text that older ones answered differently."""

    text: str
    before: str
    after: str
    status_before: GeocodeStatus
    status_after: GeocodeStatus


@dataclass(frozen=True, kw_only=True)
class AskAgainPage(Page):
    """What a new gazetteer would change, before it does; then what it changed."""

    template = "ask_again.html"
    form: str
    job: str = ""
    running: bool = False
    applied: bool = False
    done: int = 0
    of: int | None = None
    older: int = 0
    never: int = 0
    newly_asked: int = 0
    changes: tuple[ChangeRow, ...] = ()
    more: int = 0
    kinds: tuple[tuple[GeocodeStatus, GeocodeStatus, int], ...] = ()
    ready: bool = False
    problem: Title = ""

    @property
    def heading(self) -> str:
        return self.say(N_("Ask again with today's address lists"))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnplacedRow:
    """A territory's rows with an address: all, without a place, placed coarsely; shares 0..1, None of nothing."""

    name: str
    rows: int
    unresolved: int
    unresolved_share: float | None
    coarse: int
    coarse_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressDesk:
    """What the steward's desk says about addresses: what waits, and where they are missing."""

    wordings: int
    rows: int
    kind: TerritoryKind
    unplaced: tuple[UnplacedRow, ...] = ()
    all: UnplacedRow | None = None

    @property
    def lines(self) -> tuple[UnplacedRow, ...]:
        """The territories, then their sum when there are several."""
        return (*self.unplaced, *((self.all,) if self.all and len(self.unplaced) > 1 else ()))
