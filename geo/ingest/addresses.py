"""Where are the rows that say an address and give no coordinates? The geocoder is asked, in the same load.

An accepted answer places the row: a house is a point, a street, an area or a settlement a place with extent. Every
other answer keeps the row without a place and waits for a person, with the reason. A row that is stored and says the
same is not asked about again, whatever the gazetteer says today: `okruga geocode --again` does that, and shows what
would change. What a row states of its territory stays when the answer is no finer than that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from sqlalchemy import text

from geo.errors import N_, Message
from geo.geocode.context import context_of_rows, to_json
from geo.geocode.placing import Spot, finer, shapes_of
from geo.geocode.queue import outcomes
from geo.ingest.entries import Links
from geo.ingest.findings import Finding, Severity
from geo.ingest.names import exact_key
from geo.ingest.places import has_coordinates
from geo.ingest.request import Work
from geo.ingest.write import constant, hex_shapes
from geo.vocabulary import GeocodeStatus, MatchLevel

BATCH = 500
# what an address is looked for in: the smallest of these around the territory the row states
SCOPE_KINDS = ("settlement", "municipality", "rayon")
WITH_EXTENT = (MatchLevel.STREET, MatchLevel.AREA, MatchLevel.SETTLEMENT, MatchLevel.DISTRICT)
_COARSE = tuple(level.value for level in WITH_EXTENT)
WAITS = (GeocodeStatus.AMBIGUOUS.value, GeocodeStatus.REVIEW.value, GeocodeStatus.UNMATCHED.value)
_PLAIN = ("text", "normal", "status", "radius_m", "confidence", "label", "why", "parts", "choices",
          "gazetteer_version", "actor", "territory_code",
          "context")  # fmt: skip

Ints = NDArray[np.int64]
Asked = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One text as the queue wants it."""

    id: int
    text: str
    scope_territory_id: int | None
    context: Mapping[str, Any] | None


@dataclass(slots=True)
class Found:
    """What became of the addresses. By row position: the task to store and the level of what was placed."""

    tasks: dict[int, dict[str, Any]] = field(default_factory=dict)
    levels: dict[int, str] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    placed: Counter[str] = field(default_factory=Counter)
    not_asked: int = 0

    @property
    def coarse_share(self) -> float | None:
        """Share of the placed rows known no better than to a street or an area; None when none was placed."""
        total = sum(self.placed.values())
        return sum(self.placed[level] for level in _COARSE) / total if total else None

    def to_json(self) -> dict[str, Any]:
        """The part of the report about addresses; empty when no row had one to look for."""
        if not self.statuses and not self.not_asked:
            return {}
        share = self.coarse_share
        return {
            "asked": sum(self.statuses.values()),
            "status": {status.value: self.statuses[status.value] for status in GeocodeStatus},
            "match_level": {level.value: self.placed[level.value] for level in MatchLevel if self.placed[level.value]},
            "coarse_share": None if share is None else round(share, 4),
            "not_asked": self.not_asked,
        }


def texts_to_find(work: Work, links: Links) -> dict[int, str]:
    """By row position: what to ask of the geocoder for rows without coordinates."""
    wanted = ~has_coordinates(work)
    address, settlement = (words_of(work, name) for name in ("address", "settlement"))
    found = {}
    for position in np.flatnonzero(wanted & work.accepted()).tolist():
        words, town = address[position], settlement[position]
        stated = int(links.stated[position])
        if words:
            found[position] = with_town(words, town or own_settlement(work, stated))
        elif town and not stated:
            found[position] = town
    return found


def words_of(work: Work, name: str) -> list[str]:
    return [str(value or "").strip() for value in work.column(name).to_pylist()]


def kind_of(work: Work, territory: int) -> str:
    known = work.territories.all.get(territory)
    return known.kind if known is not None else ""


def own_settlement(work: Work, territory: int) -> str:
    """The name of the settlement a row states; empty for other territories."""
    known = work.territories.all.get(territory)
    return known.name if known is not None and known.kind == "settlement" else ""


def with_town(address: str, town: str) -> str:
    """The address with its settlement in front, unless it says it itself.

    >>> with_town("ул. Мира, 5", "с. Кирей"), with_town("с. Кирей, ул. Мира, 5", "с. Кирей")
    ('с. Кирей, ул. Мира, 5', 'с. Кирей, ул. Мира, 5')
    """
    return address if not town or exact_key(town) in exact_key(address) else f"{town}, {address}"


class Scopes:
    """In which territory an address is expected: around what the row states, else what the load or the city says."""

    def __init__(self, work: Work) -> None:
        self._all = work.territories
        rows = work.connection.execute(text("SELECT DISTINCT territory_id FROM okruga.boundary"))
        self._drawn = frozenset(int(row.territory_id) for row in rows)
        self._known: dict[int, int | None] = {}
        self._else = work.within_id if work.within_id in self._drawn else self._only_municipality()

    def _only_municipality(self) -> int | None:
        """The municipality, when one is all there is."""
        found = [i for i in self._drawn if i in self._all.all and self._all.all[i].kind == "municipality"]
        return found[0] if len(found) == 1 else None

    def of(self, stated: int) -> int | None:
        """The territory to look in; None for anywhere."""
        if stated not in self._known:
            self._known[stated] = self._around(stated) or self._else
        return self._known[stated]

    def _around(self, stated: int) -> int | None:
        if not stated:
            return None
        above = (stated, *self._all.ancestors(stated))
        drawn = [i for i in above if i in self._drawn]
        kinds = {i: self._all.all[i].kind for i in drawn}
        return next((i for kind in SCOPE_KINDS for i in drawn if kinds[i] == kind), None)


def find_addresses(work: Work, links: Links, same_entry: Mapping[int, int]) -> Found:
    """Place what can be placed by its address; the rest is told with its reason. `same_entry`: the stored entry of rows
    that say what they said before, by row position; for them the stored places count."""
    found = Found()
    wanted = texts_to_find(work, links)
    if not wanted:
        return found
    places: dict[int, Any] = {}
    take_stored(work, found, {i: same_entry[i] for i in wanted if i in same_entry}, places)
    scopes = Scopes(work)
    fresh = {i: (words, scopes.of(int(links.stated[i]))) for i, words in wanted.items() if i not in same_entry}
    ask(work, links, found, fresh, places)
    put_on_map(work, places)
    tell(work, found)
    return found


# --- rows that are stored already -------------------------------------------------------------------------------------


def take_stored(work: Work, found: Found, entries: Mapping[int, int], places: dict[int, Any]) -> None:
    """The places that rows have since they were loaded; nothing is asked and nothing will be written."""
    stored: dict[int, list[Any]] = {}
    rows = work.connection.execute(
        text(
            "SELECT p.entry_id, q.status, q.text, p.match_level, ST_AsBinary(p.geom) AS geom FROM okruga.place p"
            " LEFT JOIN okruga.geocode_task q ON q.place_id = p.id WHERE p.entry_id = ANY (:entries) ORDER BY p.id DESC"
        ),
        {"entries": sorted(set(entries.values()))},
    )
    for row in rows:
        stored.setdefault(row.entry_id, []).append(row)
    for position, entry in entries.items():
        before = stored[entry].pop() if stored.get(entry) else None
        if before is None or before.status is None:
            found.not_asked += 1
            continue
        found.statuses[before.status] += 1
        if before.geom is not None:
            found.levels[position] = before.match_level
            found.placed[before.match_level] += 1
            places[position] = shapely.from_wkb(before.geom)


# --- rows to ask about ------------------------------------------------------------------------------------------------


def ask(work: Work, links: Links, found: Found, wanted: Mapping[int, Asked], places: dict[int, Any]) -> None:
    """One question for each different text in each scope."""
    if not wanted:
        return
    rows_of: dict[Asked, list[int]] = {}
    for position, asked in wanted.items():
        rows_of.setdefault(asked, []).append(position)
    context = common_context(work, rows_of)
    noted = None if context is None else orjson.dumps(context).decode()
    with work.progress.step(N_("Looking for addresses"), len(wanted)) as step:
        for questions in batches(rows_of):
            spots: list[tuple[int, Spot]] = []
            for asked, (task, spot) in zip(questions, answers(work, questions, context), strict=True):
                more = {"text": asked[0], "scope": asked[1], "context": None if asked[1] else noted}
                for position in rows_of[asked]:
                    settle(work, links, found, position, task | more, spot, spots)
                step.advance(len(rows_of[asked]))
            shapes = shapes_of(work.connection, [spot for _, spot in spots])
            places |= {position: shape for (position, _), shape in zip(spots, shapes, strict=True)}


def batches(questions: Iterable[Asked]) -> Iterator[list[Asked]]:
    listed = list(questions)
    return (listed[start : start + BATCH] for start in range(0, len(listed), BATCH))


def common_context(work: Work, questions: Iterable[Asked]) -> dict[str, Any] | None:
    """The settlement that the rows name, for those that name none and are expected nowhere."""
    nowhere = [words for words, scope in questions if scope is None]
    return to_json(context_of_rows(work.geocoder(), nowhere)) if nowhere else None


def answers(
    work: Work, questions: list[Asked], context: Mapping[str, Any] | None
) -> list[tuple[dict[str, Any], Spot | None]]:
    rows = [Row(number, *asked, context) for number, asked in enumerate(questions)]
    return outcomes(work.connection, work.geocoder(), rows)


def settle(
    work: Work, links: Links, found: Found, position: int, task: dict[str, Any], spot: Spot | None,
    spots: list[tuple[int, Spot]],
) -> None:  # fmt: skip
    """Note what became of one row."""
    found.tasks[position] = task
    found.statuses[task["status"]] += 1
    if spot is not None and finer(spot.level, kind_of(work, int(links.stated[position]))):
        found.levels[position] = task["level"]
        found.placed[task["level"]] += 1
        spots.append((position, spot))
    if task["status"] in WAITS:
        refuse(work, position, task)


def refuse(work: Work, position: int, task: Mapping[str, Any]) -> None:
    """Why a row has no place yet."""
    why = orjson.loads(task["why"])
    remedy = Message(N_("Such rows are kept without a place and wait for a person at /steward/geocode."))
    finding = Finding(
        Severity.WARN, f"address_{task['status']}", Message(why["msgid"], why["params"]), remedy, field="address",
        value=task["text"],
    )  # fmt: skip
    work.find_many(finding, np.array([position]))


def put_on_map(work: Work, places: Mapping[int, Any]) -> None:
    """Give the rows what was found: coordinates to points, a shape to what has an extent."""
    if not places:
        return
    columns = {}
    for name in ("lat", "lon"):
        columns[name] = np.array(work.column(name).to_pylist(), dtype=object)
    shapes = work.checked.geometry
    shapes = np.full(work.rows.num_rows, None, object) if shapes is None else shapes.copy()
    for position, shape in places.items():
        if shape.geom_type == "Point":
            columns["lat"][position], columns["lon"][position] = shape.y, shape.x
        else:
            shapes[position] = shape
    for name, values in columns.items():
        work.set_column(name, pa.array(values.tolist(), pa.float64()))
    work.checked.geometry = shapes


def tell(work: Work, found: Found) -> None:
    """One sentence about all addresses, and one about those that were never asked."""
    share = found.coarse_share
    counts = {status.value: found.statuses[status.value] for status in GeocodeStatus}
    counts["placed"] = sum(found.placed.values())
    message = Message(
        N_("Addresses: {placed} placed, {ambiguous} ambiguous, {review} to be checked, {unmatched} not found;"
           " of the placed {coarse} % are known only to a street or an area."),
        counts | {"coarse": round(100 * (share or 0.0))},
    )  # fmt: skip
    if found.statuses:
        work.checked.findings.add(Finding(Severity.INFO, "addresses", message, field="address"))
    if found.not_asked:
        work.checked.findings.add(Finding(
            Severity.INFO, "addresses_not_asked",
            Message(N_("{count} stored addresses were never looked for."), {"count": found.not_asked}),
            Message(N_("`okruga geocode --again` looks for them.")), field="address",
        ))  # fmt: skip


# --- table rows -------------------------------------------------------------------------------------------------------


def task_rows(found: Found, rows: Ints, place_ids: Ints) -> pa.Table | None:
    """Rows of `geocode_task` for the places of some rows; None when there are none."""
    chosen = [(found.tasks[row], place) for row, place in zip(rows.tolist(), place_ids.tolist(), strict=True)
              if row in found.tasks]  # fmt: skip
    if not chosen:
        return None
    points = np.array([
        None if task["lat"] is None else shapely.Point(task["lon"], task["lat"]) for task, _ in chosen
    ], object)  # fmt: skip
    names = {"radius_m": "radius", "gazetteer_version": "version", "territory_code": "territory"}
    kinds = {"radius_m": pa.float64(), "confidence": pa.float64()}
    plain = {
        name: pa.array([task[names.get(name, name)] for task, _ in chosen], kinds.get(name, pa.string()))
        for name in _PLAIN
    }
    now = datetime.now(UTC).isoformat()
    return pa.table({
        "asked_at": constant(now, len(chosen)),
        "decided_at": pa.array([now if task["actor"] else None for task, _ in chosen], pa.string()),
        "place_id": pa.array([place for _, place in chosen], pa.int64()),
        "scope_territory_id": pa.array([task["scope"] for task, _ in chosen], pa.int64()),
        "match_level": pa.array([task["level"] for task, _ in chosen], pa.string()),
        "geom": hex_shapes(points),
        **plain,
    })  # fmt: skip
