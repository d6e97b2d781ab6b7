"""Is a place really more active, or just small; and by which channel do people come? Smoothing, funnel, channels.

Smoothed rates and the funnel start from figures as the public sees them: hidden districts take no part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from sqlalchemy import Connection

from geo.analysis.areas import Areas, Query, counted, counted_parts, people
from geo.analysis.arrays import Floats
from geo.analysis.figure import Unit
from geo.analysis.funnel import Funnel, funnel
from geo.analysis.intervals import wilson
from geo.analysis.measures import FUNNEL_CLASSES
from geo.analysis.participation import event_parts, kept_back, participants, rate, year_has_events
from geo.analysis.representation import representation
from geo.analysis.result import Values
from geo.analysis.shields import KNOWN, USES
from geo.analysis.smoothing import smoothed_rate
from geo.analysis.told import Told, rounded, seen
from geo.analysis.withheld import withheld
from geo.errors import N_, Message
from geo.vocabulary import Channel, PopulationBase

WIDENED = N_("The areas differ {times} times as much as chance would make them: the limits are widened accordingly.")
TARGET = N_("All areas together: {value} per 1,000.")
NORM = N_("The mean norm is {norm} voters per seat, one seat in each district.")
OF_CHANNEL = N_("Channel: {channel}; known for {known} of {all} events.")


def smoothed(connection: Connection, query: Query, areas: Areas) -> Values:
    """Participants per 1,000 of the base, drawn towards the mean where the base is small; raw rate as a part."""
    return smoothed_rate(seen(rate(connection, query, areas, participants(connection, query, areas))))


def funnel_plot(connection: Connection, query: Query, areas: Areas) -> Told:
    """The raw rate, where it stands against chance, and the limits of the funnel at its base."""
    raw = seen(rate(connection, query, areas, participants(connection, query, areas)))
    plot = funnel(np.where(raw.known, raw.numerator, np.nan), np.nan_to_num(raw.denominator), "rate")
    parts = {
        name: Values.build(1000 * getattr(plot.limits, name), Unit.PER_1000, missing=raw.missing)
        for name in ("inner_low", "inner_high", "outer_low", "outer_high")
    }
    codes = [FUNNEL_CLASSES[code + 2][0] for code in plot.standing.tolist()]
    return Told(replace(raw, parts=parts), classes=codes, notes=funnel_notes(plot))


def funnel_notes(plot: Funnel) -> tuple[Message, ...]:
    """The common rate, and whether the limits were widened."""
    if np.isnan(plot.target):
        return ()
    target = Message(TARGET, {"value": rounded(1000 * plot.target, 1)})
    widened = Message(WIDENED, {"times": rounded(float(np.sqrt(plot.dispersion)), 1)})
    return (target, widened) if plot.widened else (target,)


def channel_reach(connection: Connection, query: Query, areas: Areas) -> Told:
    """Users of a channel over participants of events whose channels are known."""
    theme = query.theme.value if query.theme else None
    heads = counted(connection, areas, "participants_channels_known", query.year, theme=theme)
    return channel_share(connection, query, areas, heads, KNOWN)


def channel_mix(connection: Connection, query: Query, areas: Areas) -> Told:
    """Uses of a channel over uses of all channels."""
    theme = query.theme.value if query.theme else None
    uses = counted_parts(connection, areas, "channel_uses", query.year, theme=theme)
    return channel_share(connection, query, areas, sum(uses.values(), np.zeros(len(areas))), USES)


def channel_share(connection: Connection, query: Query, areas: Areas, whole: Floats, of: str) -> Told:
    """Uses of the asked channel (face to face when none is asked) over a whole (the column `of`), with Wilson's
    interval."""
    channel = Channel(query.channel) if query.channel else Channel.FACE_TO_FACE
    theme = query.theme.value if query.theme else None
    uses = counted(connection, areas, "channel_uses", query.year, theme=theme, parts=[channel])
    if not year_has_events(connection, query.year, "any"):
        uses = whole = np.full(len(areas), np.nan)
    values = Values.ratio(uses, whole, Unit.SHARE, counts_people=True)
    # people who use a channel twice at one event can outnumber its participants: no interval then
    sure = uses <= whole
    low, high = wilson(np.where(sure, uses, np.nan), np.where(sure, whole, np.nan))
    events = event_parts(connection, query, areas)
    known, every = (int(np.nansum(events[name].value)) for name in ("events_channels_known", "events"))
    gone, all_gone = (
        withheld(connection, areas.boundary, query.year, query.theme, [each]) for each in (channel.value, of)
    )
    values = kept_back(values, gone, all_gone)
    note = Message(OF_CHANNEL, {"channel": channel, "known": known, "all": every})
    return Told(values.with_interval(low, high).with_parts(**events), notes=(note,))


def deviation(connection: Connection, query: Query, areas: Areas) -> Told:
    """Voters over the mean norm (all voters over all districts, one seat each), minus 1."""
    voters = people(connection, areas, PopulationBase.VOTERS, query.year)
    found = representation(voters.number)
    norm = (Message(NORM, {"norm": rounded(found.norm)}),) if found.norm is not None else ()
    return Told(replace(found.deviation, estimated=voters.carried), classes=found.class_codes(), notes=norm)


COLUMNS: dict[str, Callable[[Connection, Query, Areas], Values | Told]] = {
    "smoothed_rate": smoothed,
    "funnel_plot": funnel_plot,
    "channel_reach_share": channel_reach,
    "channel_mix_share": channel_mix,
    "representation_deviation_share": deviation,
}
