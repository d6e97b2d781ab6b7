"""Pages beside the questions: entries of registers without a page of their own kind, data to take along, how a figure
is computed, and the steward's desk. One dataclass and one template each, as in `maps.pages`.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markupsafe import Markup

from geo.errors import N_
from geo.vocabulary import Theme, TosLevel, TosStatus, Word
from maps.explained import ChannelRow, Family, ShareRow
from maps.imports import LoadRow
from maps.layout import SECTIONS
from maps.pages import Page
from maps.review import AddressDesk
from maps.rows import BoundaryNote, Contact, EntryRow, Link, PlaceNote
from maps.text import Title

# raw HTML in a chapter is shown as text; tables are all that is added to CommonMark
CHAPTER_FILE = re.compile(r"^(?:\.\./)*(?:ru/)?([a-z_]+)\.md$")
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A labelled value; `href` makes it a link."""

    label: Title
    value: Title
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class EntryPage(Page):
    """An event or an organisation: what, when, where, and the facts its register declares."""

    template = "entry.html"
    register: Title
    title: str
    description: str = ""
    theme: Theme | None = None
    kind: Word | None = None
    facts: tuple[Fact, ...] = ()
    counts: tuple[tuple[Word, int | None], ...] = ()
    territories: tuple[Link, ...] = ()
    places: tuple[PlaceNote, ...] = ()
    nearby: tuple[EntryRow, ...] = ()
    url: str = ""
    source: str = ""
    map_url: str = ""

    @property
    def heading(self) -> str:
        return self.title


@dataclass(frozen=True, kw_only=True)
class TosTerritoryPage(Page):
    """One TOS: state and charter, who lives in it, its body, what goes on inside."""

    template = "tos_one.html"
    name: str
    status: TosStatus
    level: TosLevel | None = None
    charter: str = ""
    registered_on: datetime.date | None = None
    residents: int | None = None
    area_km2: float | None = None
    parents: tuple[Link, ...] = ()
    boundary: BoundaryNote | None = None
    organisations: tuple[Contact, ...] = ()
    needs: tuple[EntryRow, ...] = ()
    projects: tuple[EntryRow, ...] = ()
    events: tuple[EntryRow, ...] = ()
    map_url: str = ""
    period: str = ""
    families: tuple[Family, ...] = ()
    channels: tuple[ChannelRow, ...] = ()
    shares: tuple[ShareRow, ...] = ()
    periods: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What a register holds, and where to take it."""

    title: Title
    count: int
    href: str
    json_href: str = ""


@dataclass(frozen=True, kw_only=True)
class DataPage(Page):
    """What is stored, from which sources, and how to take it along."""

    template = "data.html"
    holdings: tuple[Holding, ...]
    measures: tuple[tuple[Title, str, str], ...] = ()

    @property
    def heading(self) -> str:
        return self.say(N_("Data and downloads"))


@dataclass(frozen=True, kw_only=True)
class MethodPage(Page):
    """How the figures of a question are computed: a chapter of the handbook, written in Markdown."""

    template = "method.html"
    chapter: str
    markdown: str
    # the language it is written in, when it has not been translated into the page's
    written_in: str = ""

    @property
    def heading(self) -> str:
        return next(
            (line.removeprefix("# ") for line in self.markdown.splitlines() if line.startswith("# ")),
            self.say(N_("How it is computed")),
        )

    @property
    def back(self) -> str:
        """The map of the question the chapter belongs to; of the first one for chapters several share."""
        paths = [path for path, _ in SECTIONS if path == f"/map/{self.chapter}"]
        return self.frame.href(paths[0] if paths else "/map/coverage")

    @property
    def body(self) -> Markup:
        """The chapter as HTML; its own markup is text, links to other chapters are links to their pages."""
        tokens = _markdown.parse(self.markdown)
        for token in (child for block in tokens for child in block.children or ()):
            if token.type == "link_open":
                token.attrSet("href", CHAPTER_FILE.sub(r"\1", str(token.attrGet("href"))))
        return Markup(_markdown.renderer.render(tokens, _markdown.options, {}))  # noqa: S704 - our own chapters, HTML in them switched off


@dataclass(frozen=True, kw_only=True)
class StewardPage(Page):
    """The steward's desk: the loads so far, and how to take one back."""

    template = "steward.html"
    loads: tuple[LoadRow, ...]
    form: str
    role: str
    has_password: bool = False
    said: Title = ""
    next_href: str = ""
    addresses: AddressDesk | None = None

    @property
    def heading(self) -> str:
        return self.say(N_("Data desk"))
