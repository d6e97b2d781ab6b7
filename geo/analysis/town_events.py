"""What becomes of the participants of events that belong to no single area, such as a vote of the whole town?

They count for the town only, unless the visitor chooses to have them spread over the areas by residents aged 16+: each
area then gets a share of them like its share of these residents, and its figure is an estimate without an interval.

Spreading tells what all areas lack of the town, and each area's own number with it. It is refused, in words, where any
of these is hidden; where the residents aged 16+ of the areas are not known, or are not those of the town (TOS hold a
part of it only: what takes place beside them is no event of the whole town).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sqlalchemy import Connection

from geo.analysis.areas import Areas, Query, people
from geo.analysis.arrays import Floats
from geo.analysis.columns import Values
from geo.analysis.figure import Unit
from geo.analysis.participation import columns, hidden_heads, participants, plain_rate
from geo.analysis.told import Told, rounded
from geo.errors import N_, Message
from geo.settings import settings
from geo.vocabulary import PopulationBase, TerritoryKind

SPREADS = (
    "participants_per_1000_16", "participants_per_1000_voters", "participants_per_1000_residents", "participants",
    "participants_per_km2",
)  # fmt: skip
# how far the residents of all areas may be from those of the town, as a share of the latter (methods 2.8)
APART = 0.05
SPREAD = N_(
    "{count} participants of events of the whole town are spread over the areas by residents aged 16+: the figures are"
    " estimates."
)
HIDES = N_(
    "Events of the whole town are not spread over the areas: small numbers that are hidden here would follow from it."
)
NO_SHARES = N_(
    "Events of the whole town are not spread over the areas: their residents aged 16+ are not known, or are not all of"
    " one town."
)


def spread(connection: Connection, query: Query, areas: Areas) -> Told:
    """A measure of participation with the events of the whole town spread over the areas; the part `spread` is what an
    area got of them. As it is, with the reason as a note, where that is refused."""
    own = participants(connection, query, areas)
    plain = columns(connection, query, areas)
    town = Areas.load(connection, TerritoryKind.MUNICIPALITY, query.day)
    if np.isnan(own).all() or query.kind == TerritoryKind.MUNICIPALITY:
        return Told(plain)
    shares = shares_of(connection, query, areas, town)
    if shares is None:
        return Told(plain, notes=(Message(NO_SHARES),))
    whole = participants(connection, replace(query, kind=TerritoryKind.MUNICIPALITY), town)
    rest = float(whole[0] - own.sum())
    if rest <= 0:
        return Told(plain)
    if tells(connection, query, areas, own) or tells(connection, query, town, whole):
        return Told(plain, notes=(Message(HIDES),))
    found = with_shares(plain, plain_rate(connection, query, areas, own + rest * shares), rest * shares)
    return Told(found, notes=(Message(SPREAD, {"count": rounded(rest)}),))


def with_shares(plain: Values, estimated: Values, got: Floats) -> Values:
    """The estimates, with the parts of the plain figures and what each area got."""
    unsure = np.full(len(plain), np.nan)
    marked = replace(estimated.with_interval(unsure, unsure), estimated=estimated.known & ((got > 0) | plain.estimated))
    return marked.with_parts(**plain.parts, spread=Values.build(got, Unit.PEOPLE, estimated=plain.estimated))


def shares_of(connection: Connection, query: Query, areas: Areas, town: Areas) -> Floats | None:
    """Each area's share of the residents aged 16+; None where these are not known, few, or not those of one town."""
    if len(town) != 1:
        return None
    base = PopulationBase.RESIDENTS_16
    here, there = (people(connection, each, base, query.year).number for each in (areas, town))
    few = (here > 0) & (here < settings().rate_min_base)
    if np.isnan(here).any() or few.any() or not abs(here.sum() - there[0]) <= APART * there[0]:
        return None
    return np.asarray(here / here.sum()) if here.sum() > 0 else None


def tells(connection: Connection, query: Query, areas: Areas, heads: Floats) -> bool:
    """Whether the numbers of participants of these areas are not all shown."""
    shown = Values.build(heads, Unit.PEOPLE, numerator=heads, counts_people=True)
    found = shown.to_hide(settings().small_count, settings().rate_min_base)
    return bool(found.whole or found.rows.any() or hidden_heads(connection, query, areas).any())
