"""Where does a number come from? What stands behind each figure on a page: its two counts, its base, period, boundary,
method, sources, the figures it is put together from, and the address of the rows that were counted.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from geo.errors import N_
from geo.vocabulary import Channel, FundingSource
from maps.rows import Cell, Indicator
from maps.text import Title

PART_TITLES: dict[str, str] = {
    "reached": N_("residents with a finished project within 5 km"),
    "reported": N_("needs reported"),
    "answered": N_("answered"),
    "by_project": N_("answered by a finished project"),
    "stated": N_("answered by a dated statement"),
    "undated": N_("called answered, without a date"),
    "under_way": N_("being worked on"),
    "rejected": N_("rejected"),
    "open": N_("open"),
    "taken_up": N_("taken up by a project or answered"),
    "need": N_("weighted open needs per 1,000 residents, smoothed"),
    "supply": N_("finished projects per 1,000 residents"),
    "need_score": N_("need, in steps of the usual spread"),
    "supply_score": N_("supply, in steps of the usual spread"),
    "needs_open": N_("open needs"),
    "tos_population_share": N_("population coverage by TOS"),
    "within_distance_share": N_("residents near a finished project"),
    "p": N_("probability of chance"),
    "q": N_("the same, with all territories tested at once"),
    "tested": N_("the figure looked at"),
    "raw": N_("before smoothing"),
    "inner_low": N_("95 % limit, lower"),
    "inner_high": N_("95 % limit, upper"),
    "outer_low": N_("99.8 % limit, lower"),
    "outer_high": N_("99.8 % limit, upper"),
    "spread": N_("of these, a share of events of the whole town"),
    "events": N_("events"),
    "events_counted": N_("events with a head count"),
    "events_channels_known": N_("events whose channels are known"),
    "first": N_("rate of the year compared with"),
    "second": N_("rate of the year"),
    "absolute": N_("more or fewer attendances"),
    "relative": N_("change in parts of the former number"),
    "rate_effect": N_("of these because the rate changed"),
    "base_effect": N_("of these because the number of people changed"),
    "money": N_("their money"),
}
MIX, REACH = "mix_", "reach_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A figure another one is put together from."""

    title: Title
    unit: str
    cell: Cell
    note: Title = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """An indicator with everything that says where it comes from; `made_of` names numerator and denominator,
    `another_form` says that it is the figure above it by another method."""

    indicator: Indicator
    place: str = ""
    class_title: Title = ""
    made_of: tuple[str, str] = ("", "")
    period: str
    boundary_from: datetime.date | None = None
    distance_m: int | None = None
    sources: tuple[str, ...] = ()
    reference: str = ""
    reasons: tuple[Title, ...] = ()
    notes: tuple[Title, ...] = ()
    parts: tuple[Part, ...] = ()
    rows_href: str = ""
    json_href: str = ""
    another_form: bool = False

    @property
    def numerator_unit(self) -> str:
        """What the numerator is counted in."""
        return "minor" if self.indicator.unit == "minor" else "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The figures of one question."""

    code: str
    title: Title
    rows: tuple[Explained, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """One channel: its part of all uses, and whom it reached."""

    channel: Channel
    mix: Cell
    reach: Cell
    rows_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRow:
    """A resource: the difference between the territory's share of it and its share of people; `hoover` of all."""

    title: Title
    unit: str
    cell: Cell
    reasons: tuple[Title, ...]
    hoover: float | None


def part_title(name: str) -> Title:
    """A part in words: its own, a channel's or a source of money's."""
    for prefix in (MIX, REACH):
        if name.startswith(prefix) and name.removeprefix(prefix) in Channel.codes():
            return Channel(name.removeprefix(prefix))
    source, _, _ = name.rpartition("_")
    if source in FundingSource.codes():
        return FundingSource(source)
    return PART_TITLES.get(name, name)
