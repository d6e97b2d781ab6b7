"""How many take part? Participants by year and channel, over the people who stand behind each rate.

Participants of events are attendances: one person counts at every event, so a rate above 1,000 per 1,000 is possible
and is not clipped (methods 2.4). An event belongs to its declared territory first, by its point second; a city-wide
event counts for the city, not for its districts. A year in which no event was loaded says nothing; a territory without
events in a year that has some has 0. Channels: reach is users of a channel over participants, mix is its uses over all
uses; both only over events whose channels are known.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sqlalchemy import Connection, text

from geo.analysis.areas import Areas, Query, counted, counted_parts, people
from geo.analysis.arrays import Bools, Floats
from geo.analysis.figure import Unit
from geo.analysis.intervals import attendance_rate, wilson
from geo.analysis.result import Values
from geo.analysis.sensitive import withholds
from geo.analysis.shields import DIGITAL, HEADS, KNOWN, USES
from geo.analysis.withheld import withheld
from geo.errors import N_, BadInput, Message
from geo.settings import settings
from geo.store.once import once
from geo.vocabulary import DIGITAL_CHANNELS, Channel, TerritoryKind

OF_NO_AREA = N_(
    "{count} of {all} events of the period belong to no single area, such as a vote of the whole town: they count for"
    " the whole only, and the areas do not add up to it."
)


def columns(connection: Connection, query: Query, areas: Areas) -> Values:
    """The measure of the query for each area; with `channel`, uses of that channel instead of participants."""
    if query.measure.code == "digital_mix_share":
        return digital_mix(connection, query, areas)
    heads = participants(connection, query, areas)
    values = rate(connection, query, areas, heads)
    return values.with_parts(**event_parts(connection, query, areas))


def participants(connection: Connection, query: Query, areas: Areas) -> Floats:
    """Attendances in the year (or uses of one channel); NaN when the year has no events at all."""
    theme = query.theme.value if query.theme else None
    if not year_has_events(connection, query.year, query.channel):
        return np.full(len(areas), np.nan)
    if query.channel:
        return counted(connection, areas, "channel_uses", query.year, theme=theme, parts=[query.channel])
    return counted(connection, areas, "participants", query.year, theme=theme)


def year_has_events(connection: Connection, year: int, channel: str = "") -> bool:
    """Whether any counted event (with known channels, when one is asked for) fell into the year."""
    there = text("SELECT EXISTS (SELECT FROM published.tally WHERE measure = :measure AND period = :year)")
    named = {"measure": "channel_uses" if channel else "events_counted", "year": year}
    return once(connection, ("events", *named.values()), lambda: bool(connection.scalar(there, named)))


def rate(connection: Connection, query: Query, areas: Areas, heads: Floats) -> Values:
    """Participants as a number, per km², or per 1,000 of the measure's base with the Byar interval; hidden together
    with every other figure of the same people."""
    return kept_back(plain_rate(connection, query, areas, heads), hidden_heads(connection, query, areas))


def hidden_heads(connection: Connection, query: Query, areas: Areas) -> Bools:
    """Areas whose attendances of the query's year, theme and channel are not shown."""
    return withheld(connection, areas.boundary, query.year, query.theme, [query.channel or HEADS])


def kept_back(values: Values, hidden: Bools, whole: Bools | None = None) -> Values:
    """The figures without those of hidden head counts; one that is missing for want of a base hides its heads too.

    `whole`: where the denominator of a share, people who took part as well, is hidden.
    """
    shown = values.hide(hidden if whole is None else hidden | whole, settings().small_count)
    return shown if whole is None else replace(shown, denominator=np.where(whole, np.nan, shown.denominator))


def plain_rate(connection: Connection, query: Query, areas: Areas, heads: Floats) -> Values:
    """The same, nothing hidden."""
    if query.measure.base is not None:
        base = people(connection, areas, query.measure.base, query.year)
        return replace(attendance_rate(heads, base.number, base.base), estimated=base.carried)
    if query.measure.unit == Unit.PER_KM2:
        return Values.ratio(heads, areas.area_m2 / 1e6, Unit.PER_KM2, counts_people=True)
    return Values.build(heads, Unit.PEOPLE, numerator=heads, counts_people=True)


def event_parts(connection: Connection, query: Query, areas: Areas) -> dict[str, Values]:
    """What the number is made of: events, how many of them were counted, and how many know their channels."""
    theme = query.theme.value if query.theme else None
    return {
        name: Values.build(counted(connection, areas, name, query.year, theme=theme), Unit.COUNT)
        for name in ("events", "events_counted", "events_channels_known")
    }


def digital_mix(connection: Connection, query: Query, areas: Areas) -> Values:
    """Uses of digital channels over all uses, of events whose channels are known; `no_objects` without any."""
    theme = query.theme.value if query.theme else None
    uses = counted_parts(connection, areas, "channel_uses", query.year, theme=theme)
    every = sum(uses.values(), np.zeros(len(areas)))
    digital = sum((uses[channel] for channel in DIGITAL_CHANNELS if channel in uses), np.zeros(len(areas)))
    if not year_has_events(connection, query.year, "any"):
        every = digital = np.full(len(areas), np.nan)
    values = Values.ratio(digital, every, Unit.SHARE, counts_people=True).with_interval(*wilson(digital, every))
    gone, whole = (withheld(connection, areas.boundary, query.year, query.theme, [each]) for each in (DIGITAL, USES))
    return kept_back(values, gone, whole).with_parts(**channel_parts(connection, query, areas, uses, every))


def channel_parts(
    connection: Connection, query: Query, areas: Areas, uses: dict[str, Floats], every: Floats
) -> dict[str, Values]:
    """Mix (share of all uses) and reach (share of participants) of each channel."""
    theme = query.theme.value if query.theme else None
    heads = counted(connection, areas, "participants_channels_known", query.year, theme=theme)
    parts = {}
    for channel, column in uses.items():
        for name, whole, of in (("mix", every, USES), ("reach", heads, KNOWN)):
            part = Values.ratio(column, whole, Unit.SHARE, counts_people=True)
            gone, all_gone = (
                withheld(connection, areas.boundary, query.year, query.theme, [each]) for each in (channel, of)
            )
            parts[f"{name}_{channel}"] = kept_back(part, gone, all_gone)
    return parts


def of_no_area(connection: Connection, query: Query, areas: Areas) -> tuple[Message, ...]:
    """That events of the whole town belong to no single area, where there are any: the areas do not add up then."""
    town = Areas.load(connection, TerritoryKind.MUNICIPALITY, query.day)
    if (
        withholds(query)
        or query.town_spread  # said there
        or query.measure.register != "event"
        or query.kind == TerritoryKind.MUNICIPALITY
        or len(town) != 1
    ):
        return ()
    theme = query.theme.value if query.theme else None
    every, inside = (int(counted(connection, of, "events", query.year, theme=theme).sum()) for of in (town, areas))
    return (Message(OF_NO_AREA, {"count": every - inside, "all": every}),) if every > inside else ()


def check_channel(code: str) -> str:
    """A channel code from an address or option; BadInput otherwise."""
    if code and code not in Channel.codes():
        raise BadInput(
            N_("There is no participation channel {code}."), remedy=N_("Known channels: {known}."),
            code=code, known=", ".join(Channel.codes()),
        )  # fmt: skip
    return code
