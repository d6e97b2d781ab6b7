"""What is said in small areas of themes that tell of people's health or hardship? That it is not said there.

The tally counts needs and events of such themes in wide territories only (geo.store.sensitive), so a figure of a TOS or
a hexagon holds none of them. Asked for such a theme it is hidden rather than zero; over all themes it says what is not
in it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sqlalchemy import Connection, text

from geo.analysis.areas import Query
from geo.analysis.columns import Values
from geo.analysis.figure import SENSITIVE
from geo.analysis.told import Told
from geo.errors import N_, Message
from geo.settings import settings
from geo.store.once import once
from geo.vocabulary import WIDE_KINDS

SAID_WIDELY = N_(
    "What residents ask for and take part in under this theme tells of health or hardship: it is counted by district,"
    " settlement and wider, not in smaller areas."
)
LEFT_OUT = N_("Without the themes that tell of health or hardship: they are counted by district and wider only.")


def rests_on_people(query: Query) -> bool:
    """Whether the figure is made of what residents asked for or took part in."""
    return query.measure.register in ("need", "event")


def withholds(query: Query) -> bool:
    """Whether the figure of this theme is not given in areas of this kind."""
    narrow = query.kind not in WIDE_KINDS and rests_on_people(query)
    return narrow and query.theme is not None and query.theme.value in settings().sensitive


def withheld(connection: Connection, query: Query, found: Told) -> Told:
    """The figures with what may not be told hidden, or with a note on what is left out of them."""
    if withholds(query):
        return Told(emptied(found.values), notes=(Message(SAID_WIDELY),))
    left_out = query.kind not in WIDE_KINDS and rests_on_people(query) and present(connection, query)
    return replace(found, notes=(*found.notes, Message(LEFT_OUT))) if left_out else found


def present(connection: Connection, query: Query) -> bool:
    """Whether there is anything of the sensitive themes in the register of the measure."""
    there = text(
        "SELECT EXISTS (SELECT FROM published.theme_present WHERE register = :register AND theme = ANY (:themes))"
    )
    named = {"register": query.measure.register, "themes": sorted(settings().sensitive)}
    key = ("sensitive", query.measure.register)
    return query.theme is None and once(connection, key, lambda: bool(connection.scalar(there, named)))


def emptied(values: Values) -> Values:
    """The same areas with every figure hidden; how many people live there is no secret."""
    size = len(values)
    return Values.build(
        np.full(size, np.nan), values.unit, missing=np.full(size, SENSITIVE), base=values.base,
        denominator=values.denominator if values.base else None, counts_people=values.counts_people,
        parts={name: emptied(part) for name, part in values.parts.items()},
    )  # fmt: skip
