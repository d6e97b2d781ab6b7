"""What is said of each text of a long list: status, place, why, candidates, and the territories it lies in?

The same answers as everywhere, with what people decided about the same words counted first. Everything is text, ready
for a table; a cell that a spreadsheet would execute is made harmless.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
from sqlalchemy import Connection, text

from geo.errors import Message
from geo.geocode.context import context_of_city, context_of_rows
from geo.geocode.engine import Geocoder
from geo.geocode.placing import Spot, shapes_of
from geo.geocode.queue import outcomes
from geo.geocode.scope import Context
from geo.store.place import Placer

COLUMNS = (
    "status", "lat", "lon", "match_level", "confidence", "label", "why", "candidates", "radius_m", "territories",
    "certainty", "gar_guid", "gazetteer_version",
)  # fmt: skip
PLACED = ("accepted", "manual")
# texts of one list whose answers are not computed twice
MOST_REMEMBERED = 20_000
Say = Callable[[Message], str]

# a spreadsheet takes a cell that begins like this for a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def harmless(cell: str) -> str:
    """Text that would begin a formula gets an apostrophe in front; numbers stay numbers.

    >>> harmless("=1+2"), harmless("-7,5"), harmless("ул. Мира")
    ("'=1+2", '-7,5', 'ул. Мира')
    """
    return f"'{cell}" if cell.startswith(FORMULA) and not NUMBER.fullmatch(cell) else cell


@dataclass(frozen=True, slots=True)
class Text:
    """One text to look for, as the queue of addresses wants it."""

    id: int
    text: str
    scope_territory_id: int | None
    context: Context | None


@dataclass(slots=True)
class Answerer:
    """Answers texts for one list: one scope or context, one language, boundaries and repeated texts read once."""

    geocoder: Geocoder
    scope: int | None
    context: Context | None
    say: Say
    placer: Placer
    # boundary id -> "kind:code" of the versions valid today
    codes: dict[int, str]
    _known: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def load(
        cls, connection: Connection, geocoder: Geocoder, scope: int | None, say: Say, texts: Sequence[str]
    ) -> Answerer:
        """`texts` are those of the whole list: without a scope, what they have in common says where to look."""
        context = None if scope else context_of_rows(geocoder, texts) or context_of_city(connection)
        rows = connection.execute(
            text(
                "SELECT b.id, b.kind || ':' || t.code AS code FROM okruga.boundary b"
                " JOIN okruga.territory t ON t.id = b.territory_id WHERE b.valid @> CAST(:today AS date)"
            ),
            {"today": datetime.now(UTC).date()},
        )
        codes = {int(row.id): row.code for row in rows}
        return cls(geocoder, scope, context, say, Placer.load(connection), codes)

    def answers(self, connection: Connection, texts: Sequence[str]) -> list[list[str]]:
        """One row of cells (COLUMNS) for each text, in order. Nothing is written."""
        if len(self._known) > MOST_REMEMBERED:
            self._known.clear()
        fresh = list(dict.fromkeys(words for words in texts if words not in self._known))
        rows = [Text(number, words, self.scope, self.context) for number, words in enumerate(fresh)]
        found = outcomes(connection, self.geocoder, rows)
        places = self._territories(connection, [spot for _, spot in found])
        for words, (task, _), place in zip(fresh, found, places, strict=True):
            self._known[words] = [harmless(cell) for cell in self._cells(task, place)]
        return [self._known[words] for words in texts]

    def _cells(self, task: Mapping[str, Any], place: tuple[str, str]) -> list[str]:
        placed = task["status"] in PLACED and task["lat"] is not None
        why = orjson.loads(task["why"])
        return [
            task["status"],
            f"{task['lat']:.6f}" if placed else "",
            f"{task['lon']:.6f}" if placed else "",
            task["level"],
            f"{task['confidence']:.2f}",
            task["label"],
            self.say(Message(why["msgid"], why["params"])),
            " | ".join(candidate(choice) for choice in orjson.loads(task["choices"])),
            f"{task['radius']:.0f}" if placed and task["radius"] else "",
            *place,
            task["gar_guid"],
            task["version"],
        ]

    def _territories(self, connection: Connection, spots: Sequence[Spot | None]) -> list[tuple[str, str]]:
        """(codes, certainty) of each spot; nothing for none."""
        there = [i for i, spot in enumerate(spots) if spot is not None]
        result = [("", "")] * len(spots)
        if not there:
            return result
        shapes = np.empty(len(there), object)
        shapes[:] = shapes_of(connection, [spot for spot in spots if spot is not None])
        placed = self.placer.place(shapes)
        for number, at in enumerate(there):
            ids = placed.boundary[placed.start[number] : placed.start[number + 1]].tolist()
            codes = [self.codes[i] for i in ids if i in self.codes]
            result[at] = "; ".join(sorted(codes)), str(placed.certainty[number])
        return result


def candidate(choice: Mapping[str, Any]) -> str:
    """A candidate as one reads it in a cell."""
    return f"{choice['label']} ({choice['confidence']:.2f}; {choice['lat']:.6f}, {choice['lon']:.6f})"
