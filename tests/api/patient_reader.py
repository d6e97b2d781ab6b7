"""What can a reader who collects every public number of participants work out? The attack, over HTTP and by programme.

The reader is stronger than any real one: knows which event counts in which area (the map shows it), which hidden
numbers are below 5 and that none is 0, and where the channels of an event add up to its participants.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from fastapi.testclient import TestClient
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array
from sqlalchemy import text

from geo.store.engine import Database
from geo.vocabulary import DIGITAL_CHANNELS, Channel

HEADS = "participants"
DIGITAL = frozenset(each.value for each in DIGITAL_CHANNELS)
ENDLESS = 10_000.0

Unknown = tuple[int, str]  # an event and a column of its numbers
Parts = tuple[tuple[Unknown, float], ...]  # what a number is made of


@dataclass(frozen=True)
class Counted:
    """An event as it is in truth; what of it is public is asked for."""

    year: int
    theme: str
    areas: frozenset[int]
    people: dict[str, int]
    known: bool


@dataclass
class Reader:
    """Collects numbers; `told` are sums with their number, `secret` those that were not shown."""

    client: TestClient
    events: dict[int, Counted]
    told: dict[Parts, float] = field(default_factory=dict)
    secret: set[Parts] = field(default_factory=set)
    named: dict[Parts, str] = field(default_factory=dict)

    def get(self, address: str) -> dict[str, Any]:
        answer = self.client.get(address)
        assert answer.status_code == 200, (address, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    def parts(self, columns: frozenset[str], year: int, area: int, theme: str, *, known: bool = False) -> Parts:
        """The numbers a sum is made of."""
        return tuple(
            ((at, column), 1.0)
            for at, event in sorted(self.events.items())
            if event.year == year and area in event.areas and theme in ("", event.theme) and (event.known or not known)
            for column in sorted(columns & event.people.keys())
        )

    def note(self, parts: Parts, number: float | None, name: str) -> None:
        """A sum that was shown, or not."""
        if not parts:
            assert not number, name
            return
        self.named.setdefault(parts, name)
        if number is None:
            self.secret.add(parts)
        else:
            assert number == sum(self.events[at].people[column] for (at, column), _ in parts), name
            self.told[parts] = number

    def collect(
        self, years: tuple[int, ...], kinds: tuple[str, ...], themes: tuple[str, ...], crossed: tuple[str, ...] = ()
    ) -> None:
        """Every number of participants and of uses of channels: lists, figures of every kind, hexagons; the uses of a
        theme only for the `crossed` ones.
        """
        for item in self.get("/api/events?limit=1000")["items"]:
            for column, number in {HEADS: item["participants"], **item["channels"]}.items():
                if item["id"] in self.events and column in self.events[item["id"]].people:
                    self.note((((item["id"], column), 1.0),), number, f"{item['title']}: {column}")
        for year in years:
            for theme in ("", *themes):
                self.hexagons(year, theme)
                for kind in kinds:
                    asked = f"kind={kind}&period={year}" + (f"&theme={theme}" if theme else "")
                    self.figures(asked, year, theme)
                    if theme in ("", *crossed):
                        self.uses(asked, year, theme)

    def figures(self, asked: str, year: int, theme: str) -> None:
        """Participants of all areas of a kind."""
        for row in self.get(f"/api/indicators/participants?{asked}")["rows"]:
            self.note(self.parts(frozenset({HEADS}), year, row["boundary"], theme), row["numerator"], f"{row}")

    def uses(self, asked: str, year: int, theme: str) -> None:
        """Uses of each channel, and the sums behind shares."""
        channels = {column for event in self.events.values() if event.year == year for column in event.people}
        for channel in sorted(channels - {HEADS}):
            for row in self.get(f"/api/indicators/participants?{asked}&channel={channel}")["rows"]:
                parts = self.parts(frozenset({channel}), year, row["boundary"], theme)
                self.note(parts, row["numerator"], f"{channel} {row}")
        for row in self.get(f"/api/indicators/digital_mix_share?{asked}")["rows"]:
            uses = frozenset(each.value for each in Channel)
            # a share that is missing may hide a sum that can be known: the one hidden for itself may be the other
            if row["numerator"] is not None:
                self.note(self.parts(DIGITAL, year, row["boundary"], theme), row["numerator"], f"{row}")
            if row["denominator"] is not None:
                self.note(self.parts(uses, year, row["boundary"], theme), row["denominator"], f"{row}")
            for name, part in row["parts"].items():
                if name.startswith("reach_") and part["denominator"] is not None:
                    known = self.parts(frozenset({HEADS}), year, row["boundary"], theme, known=True)
                    self.note(known, part["denominator"], f"known channels {row}")

    def hexagons(self, year: int, theme: str) -> None:
        for feature in self.get(f"/api/hexagons?period={year}" + (f"&theme={theme}" if theme else ""))["features"]:
            parts = self.parts(frozenset({HEADS}), year, int(feature["id"], 16), theme)
            self.note(parts, feature["properties"]["count"], f"hexagon {feature['id']}")

    # --- the attack

    def exposed(self) -> list[str]:
        """Hidden numbers with one solution only, each with the number it must be."""
        # a number hidden in one place and shown in another is shown
        self.secret -= self.told.keys()
        unknown = sorted({each for parts in self.secret for each, _ in parts} - self.shown)
        at = {each: number for number, each in enumerate(unknown)}
        rows = [(parts, number) for parts, number in self.told.items() if any(each in at for each, _ in parts)]
        rows += list(self.adding_up())
        found = []
        puzzle = Puzzle.of(self, at, rows)
        for parts in sorted(self.secret, key=len):
            low, high = puzzle.ends(parts)
            if high - low < 1:
                found.append(f"{self.named[parts]} must be {low:.0f}")
        return found

    @property
    def shown(self) -> set[Unknown]:
        """Numbers of events that are known: shown on their own, or as a sum of one event."""
        return {parts[0][0] for parts in self.told if len(parts) == 1}

    def adding_up(self) -> Iterator[tuple[Parts, float]]:
        for at, event in self.events.items():
            channels = [column for column in event.people if column != HEADS]
            if channels and event.people.get(HEADS) == sum(event.people[each] for each in channels):
                yield (((at, HEADS), -1.0), *(((at, each), 1.0) for each in channels)), 0.0

    def small_differences(self) -> list[str]:
        """Pairs of shown sums, one holding the other, that differ by one to four people; and wholes minus parts."""
        by_kind: dict[tuple[int, bool], list[tuple[frozenset[Unknown], float, str]]] = defaultdict(list)
        for parts, number in self.told.items():
            year = self.events[parts[0][0][0]].year
            heads = parts[0][0][1] == HEADS
            by_kind[year, heads].append((frozenset(each for each, _ in parts), number, self.named[parts]))
        found = []
        for sums in by_kind.values():
            for whole, people, name in sums:
                inside = [(part, number, other) for part, number, other in sums if part < whole]
                found += [f"{name} minus {other}" for _, number, other in inside if 0 < people - number < 5]
                disjoint = sorted(inside, key=lambda each: -len(each[0]))
                rest, left = whole, people
                for part, number, _ in disjoint:
                    if part <= rest:
                        rest, left = rest - part, left - number
                        if 0 < left < 5:
                            found.append(f"{name} minus its parts leaves {left:.0f}")
        return found


@dataclass(frozen=True)
class Puzzle:
    """Whole numbers with bounds and equations."""

    reader: Reader
    at: dict[Unknown, int]
    rows: csr_array
    right: np.ndarray[Any, np.dtype[np.float64]]
    low: np.ndarray[Any, np.dtype[np.float64]]
    high: np.ndarray[Any, np.dtype[np.float64]]

    @classmethod
    def of(cls, reader: Reader, at: dict[Unknown, int], equations: list[tuple[Parts, float]]) -> Puzzle:
        entries: dict[tuple[int, int], float] = {}
        right = np.zeros(len(equations))
        for row, (parts, number) in enumerate(equations):
            right[row] = number
            for each, sign in parts:
                if each in at:
                    entries[row, at[each]] = sign
                else:
                    right[row] -= sign * reader.events[each[0]].people[each[1]]
        rows, columns = (np.array([key[side] for key in entries], dtype=int) for side in (0, 1))
        table = csr_array(coo_array((list(entries.values()), (rows, columns)), shape=(len(equations), len(at))))
        truth = np.array([reader.events[event].people[column] for event, column in at], dtype=float)
        return cls(reader, at, table, right, np.where(truth < 5, 1.0, 5.0), np.where(truth < 5, 4.0, ENDLESS))

    def ends(self, parts: Parts) -> tuple[float, float]:
        """The least and the greatest a sum can be."""
        goal = np.zeros(len(self.at))
        fixed = 0.0
        for each, sign in parts:
            if each in self.at:
                goal[self.at[each]] += sign
            else:
                fixed += sign * self.reader.events[each[0]].people[each[1]]
        found = []
        for side in (1.0, -1.0):
            answer = milp(
                side * goal, constraints=LinearConstraint(self.rows, self.right, self.right),
                bounds=Bounds(self.low, self.high), integrality=np.ones(len(goal), dtype=np.int64),
            )  # fmt: skip
            assert answer.x is not None, answer.message
            found.append(float(np.round(goal @ answer.x)) + fixed)
        return found[0], found[1]


def counted(database: Database) -> dict[int, Counted]:
    """The truth."""
    with database.writing("test") as connection:
        rows = connection.execute(text(
            "SELECT e.id, extract(year FROM e.begins_on)::int AS year, coalesce(e.theme, '') AS theme, c.areas,"
            " r.participants, (SELECT jsonb_object_agg(h.channel, h.participants) FROM okruga.event_channel h"
            "  WHERE h.entry_id = e.id) AS channels"
            " FROM okruga.entry e JOIN okruga.event r ON r.entry_id = e.id JOIN okruga.counted c ON c.entry_id = e.id"
        )).all()  # fmt: skip
    return {
        row.id: Counted(
            row.year, row.theme, frozenset(row.areas),
            {name: people for name, people in {HEADS: row.participants, **(row.channels or {})}.items() if people},
            row.channels is not None,
        )
        for row in rows
    }  # fmt: skip
