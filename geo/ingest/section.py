"""Which rows of a long table are meant? Statistical tables list regions below each other, in one column.

`--section "Саратовская область"` keeps the rows below the one of that name, up to the next row of its level. Levels are
told by their wording, as the tables do not mark them otherwise.
"""

from __future__ import annotations

import re

import numpy as np

from geo.errors import N_, BadInput
from geo.ingest.names import exact_key
from geo.ingest.table import Table

# from the highest level down; a section ends at the next row of its own or a higher one
LEVELS = (
    re.compile(r"\bфедерация\b|кыргызская республика|\bреспублика казахстан\b", re.I),
    re.compile(r"федеральный округ", re.I),
    re.compile(r"\bобласть\b|\bкрай\b|республика|автономн\w+ (округ|область)|город федерального значения|"
               r"^г\.? ?(москва|санкт-петербург|севастополь|бишкек|ош)\b|облусу", re.I),
    re.compile(r"муниципальн\w+ (район|округ)|городской округ|городской муниципалитет|\bрайон\b|району", re.I),
    re.compile(r"(городск|сельск)\w+ поселение|сельсовет|айыл", re.I),
)  # fmt: skip


def level(name: str) -> int:
    """The level a name's wording tells; below all of them when it tells none."""
    return next((i for i, pattern in enumerate(LEVELS) if pattern.search(name)), len(LEVELS))


def take_section(table: Table, wanted: str) -> Table:
    """The rows of one section, its own row included. BadInput when no row, or more than one, has that name."""
    for name in table.columns:
        texts = table.frame[name].tolist()
        found = [at for at, value in enumerate(texts) if exact_key(value) == exact_key(wanted)]
        if len(found) == 1:
            first = found[0]
            rest = (at for at in range(first + 1, len(texts)) if texts[at] and level(texts[at]) <= level(texts[first]))
            return table.take(np.arange(first, next(rest, len(texts))))
        if found:
            raise BadInput(
                N_("{count} rows of {file} are called {name}."), remedy=N_("Name a section that stands there once."),
                count=len(found), file=table.name, name=wanted,
            )  # fmt: skip
    raise BadInput(
        N_("No row of {file} is called {name}."),
        remedy=N_("Copy the name from the table."),
        file=table.name,
        name=wanted,
    )
