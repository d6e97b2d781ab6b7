"""Where are the rows of a list? Points and shapes are placed by computing, the rest by what the source states.

A row with coordinates counts where its point lies; a name beside it is only checked against that. A row with nothing
but a name counts in that territory and its ancestors. Events count in the territory they declare, wherever
they were held. What is shown to the public may be coarser than what is known: needs by hexagon, unless the place is
a public object.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from h3.api import basic_int as cells
from numpy.typing import NDArray

from geo.errors import N_
from geo.ingest.digest import Column, Digests, numbers, row_digests
from geo.ingest.entries import Links, Register, at
from geo.ingest.findings import Severity
from geo.ingest.request import Work
from geo.ingest.write import Run, constant, hex_shapes, pg_array, runs_of
from geo.store.place import Notable, Placed, Placer, group, public_ids
from geo.vocabulary import Certainty, MatchLevel, PublicPrecision

CHUNK = 100_000
HEX, HEX_PUBLIC = 8, 9
# this many rows on one point, and this part of all rows, look like a default that stands for "unknown"
PILE_LEAST, PILE_SHARE = 20, 0.01

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Shapes = NDArray[np.object_]


@dataclass(slots=True)
class Places:
    """One place for each row that has one. Arrays run parallel; `placed` is over these places.

    `position` is the row, `located` says whether coordinates are known, `stated` is the territory it counts in by
    statement (0: by its coordinates, or nowhere).
    """

    work: Work
    placer: Placer
    position: Ints
    located: Bools
    by_statement: Ints
    stated: Ints
    level: NDArray[np.object_]
    placed: Placed

    @classmethod
    def of(cls, work: Work, register: Register, links: Links, levels: Mapping[int, str]) -> Places:
        """Place all rows of the list; contradictions and piles become findings. `levels`: how precisely the rows are
        known that were found by their address, by row position."""
        placer = Placer.load(work.connection)
        count = work.rows.num_rows
        located = has_coordinates(work) if register.has_places else np.zeros(count, bool)
        stated = links.stated if register.has_places else np.zeros(count, np.int64)
        position = with_place(work, register, links)
        # an event counts where it says, everything else where it is
        declared = register.role == "declared"
        by_statement = np.where(located[position] & (not declared), 0, stated[position])
        level = np.array(links.level, object)[position] if count else np.empty(0, object)
        level[located[position]] = MatchLevel.POINT.value
        for place, row in enumerate(position.tolist()):
            if row in levels:
                level[place] = levels[row]
        placed = place_all(work, placer, position, located[position], by_statement)
        places = cls(work, placer, position, located[position], by_statement, stated[position], level, placed)
        places.find_piles()
        places.find_contradictions()
        return places

    def counts(self, rows: Ints) -> dict[str, int]:
        """How many of the rows' places are inside, near a border …; rows without any are `no_place`."""
        words = [word.value for word in Certainty]
        chosen = np.isin(self.position, rows)
        nowhere = ~self.located & (self.by_statement == 0)
        found = Counter(self.placed.certainty[chosen & ~nowhere].tolist())
        placed = int((chosen & ~nowhere).sum())
        return {word: found.get(word, 0) for word in words} | {"no_place": len(rows) - placed}

    def chosen(self, rows: Ints) -> Chosen:
        """The places of some rows, in the order of the rows."""
        place_of = np.full(self.work.rows.num_rows, -1, np.int64)
        place_of[self.position] = np.arange(len(self.position))
        at_places = place_of[rows]
        taken = np.flatnonzero(at_places >= 0)
        index = at_places[taken]
        return Chosen(self, index, self.position[index], taken, subset(self.placed, index))

    def find_piles(self) -> None:
        """Many rows on one point are a sign of a default, not of a place."""
        lon, lat = coordinates(self.work, self.position[self.located])
        if not len(lon):
            return
        points, counts = np.unique(lon + 1j * lat, return_counts=True)
        for i in np.flatnonzero((counts >= PILE_LEAST) & (counts >= PILE_SHARE * len(lon))).tolist():
            self.work.find(
                Severity.WARN, "pile", N_("{count} rows lie on one point ({lat}, {lon})."),
                N_("If that point stands for an unknown place, empty its coordinates and load again."),
                count=int(counts[i]), lat=round(float(points[i].imag), 6), lon=round(float(points[i].real), 6),
            )  # fmt: skip

    def find_contradictions(self) -> None:
        """Rows whose point lies outside the territory they name, as far as its boundary is known."""
        territory_of = dict(zip(self.placer.id.tolist(), self.placer.territory.tolist(), strict=True))
        doubtful = np.flatnonzero(self.located & (self.stated > 0) & np.isin(self.stated, self.placer.territory))
        near: dict[int, set[int]] = {}
        for place, boundary in zip(
            self.placed.notable.place.tolist(), self.placed.notable.boundary.tolist(), strict=True
        ):
            near.setdefault(place, set()).add(territory_of[boundary])
        own = self.computed()
        for place in doubtful.tolist():
            inside = {territory_of[b] for b in own.ids(place)} | near.get(place, set())
            if int(self.stated[place]) not in inside:
                self.tell_contradiction(place, inside)

    def computed(self) -> Placed:
        """Where the coordinates alone would count (events are placed by statement)."""
        if not (self.located & (self.by_statement > 0)).any():
            return self.placed
        return place_all(self.work, self.placer, self.position, self.located, np.zeros(len(self.position), np.int64))

    def tell_contradiction(self, place: int, inside: set[int]) -> None:
        known = self.work.territories.all
        stated = known[int(self.stated[place])]
        same_kind = sorted(known[i].name for i in inside if known[i].kind == stated.kind)
        self.work.find(
            Severity.WARN, "other_territory", N_("The row says {stated}, but its point lies in {found}.") if same_kind
            else N_("The row says {stated}, but its point lies outside of it."),
            N_("Correct the point or the name; it counts where the point lies."), at=int(self.position[place]),
            field="territory", value=stated.name, stated=stated.name, found=", ".join(same_kind),
        )  # fmt: skip


def with_place(work: Work, register: Register, links: Links) -> Ints:
    """The rows that say anything about where they are."""
    if not register.has_places:
        return np.empty(0, np.int64)
    told = pc.is_valid(work.column("address")).to_numpy(zero_copy_only=False)
    named = pc.is_valid(work.column("settlement")).to_numpy(zero_copy_only=False)
    return np.flatnonzero(has_coordinates(work) | (links.stated > 0) | told | named).astype(np.int64)


def place_digests(work: Work, register: Register, links: Links) -> Digests:
    """A digest of what every row says about its place, before addresses are looked for."""
    names = [n for n in ("lat", "lon", "address", "settlement", "territory") if n in work.rows.column_names]
    shapes = work.checked.geometry
    # a stated territory is a place: one group of three villages has three
    stated = np.zeros(work.rows.num_rows, np.int64)
    position = with_place(work, register, links)
    stated[position] = links.stated[position]
    more: dict[str, Column] = {"~stated": numbers(stated)}
    if shapes is not None:
        more["~shape"] = pa.array(shapely.to_wkb(shapes, hex=True), pa.large_string())
    return row_digests(work.rows.select(names), more=more)


@dataclass(slots=True)
class Chosen:
    """Some places: their indexes, rows, which of the asked rows they belong to, and where they count."""

    places: Places
    index: Ints
    position: Ints
    taken: Ints
    placed: Placed


def has_coordinates(work: Work) -> Bools:
    """Rows with a point or a shape."""
    point: Bools = pc.is_valid(work.column("lat")).to_numpy(zero_copy_only=False)
    point = point & pc.is_valid(work.column("lon")).to_numpy(zero_copy_only=False)
    shapes = work.checked.geometry
    return point if shapes is None else point | ~shapely.is_missing(shapes)


def coordinates(work: Work, rows: Ints) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude of located rows; for lines and areas those of a point on them."""
    lon, lat = (
        pc.fill_null(at(work.column(name), rows).cast(pa.float64()), np.nan).to_numpy().copy()
        for name in ("lon", "lat")
    )
    shapes = work.checked.geometry
    if shapes is not None:
        extended = np.flatnonzero(~shapely.is_missing(shapes[rows]))
        points = shapely.point_on_surface(shapes[rows[extended]])
        lon[extended], lat[extended] = shapely.get_x(points), shapely.get_y(points)
    return lon, lat


def geometries(work: Work, rows: Ints) -> Shapes:
    """What is known of located rows: points, or the lines and areas the file has."""
    lon, lat = (at(work.column(name), rows).cast(pa.float64()) for name in ("lon", "lat"))
    points = shapely.points(pc.fill_null(lon, 0.0).to_numpy(), pc.fill_null(lat, 0.0).to_numpy())
    shapes = work.checked.geometry
    return points if shapes is None else np.where(shapely.is_missing(shapes[rows]), points, shapes[rows])


# --- placing ----------------------------------------------------------------------------------------------------------


def place_all(work: Work, placer: Placer, position: Ints, located: Bools, by_statement: Ints) -> Placed:
    """Placing of all places: by coordinates some at a time, by statement from the tree."""
    parts = []
    with work.progress.step(N_("Placing"), len(position)) as step:
        for start in range(0, len(position), CHUNK):
            part = slice(start, start + CHUNK)
            parts.append(place_part(work, placer, position[part], located[part], by_statement[part]))
            step.advance(len(position[part]))
    return joined(parts)


def place_part(work: Work, placer: Placer, position: Ints, located: Bools, by_statement: Ints) -> Placed:
    computed = np.flatnonzero(located & (by_statement == 0))
    told = np.flatnonzero(by_statement > 0)
    found = placer.place(geometries(work, position[computed]))
    certainty = np.full(len(position), Certainty.NO_POLYGON.value, object)
    certainty[computed], certainty[told] = found.certainty, Certainty.STATED.value
    of = np.repeat(computed, np.diff(found.start))
    told_of, told_ids = stated_boundaries(work, placer, told, by_statement[told])
    start, boundary = group(np.concatenate([of, told_of]), np.concatenate([found.boundary, told_ids]), len(position))
    notable = found.notable
    moved = Notable(
        computed[notable.place], notable.boundary, notable.certainty, notable.counted, notable.share, notable.distance_m
    )
    return Placed(start, boundary, certainty, moved)


def stated_boundaries(work: Work, placer: Placer, places: Ints, territories: Ints) -> tuple[Ints, Ints]:
    """(place, boundary id) pairs: all versions of the stated territory and of its ancestors."""
    unique, inverse = np.unique(territories, return_inverse=True)
    versions = [
        placer.id[np.isin(placer.territory, [int(t), *work.territories.ancestors(int(t))])] for t in unique.tolist()
    ]
    sizes = np.array([len(ids) for ids in versions], np.int64)
    if not len(places):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return np.repeat(places, sizes[inverse]), np.concatenate([versions[i] for i in inverse.tolist()]).astype(np.int64)


def joined(parts: list[Placed]) -> Placed:
    """Placing results one after another."""
    nothing = np.empty(0, np.int64)
    if not parts:
        empty = Notable(nothing, nothing, np.empty(0, object), np.empty(0, bool), np.empty(0), np.empty(0))
        return Placed(np.zeros(1, np.int64), nothing, np.empty(0, object), empty)
    counts = np.cumsum([0, *(len(part.certainty) for part in parts)])
    pairs = np.cumsum([0, *(len(part.boundary) for part in parts)])
    start = np.concatenate([part.start[:-1] + base for part, base in zip(parts, pairs, strict=False)] + [pairs[-1:]])
    places = [part.notable.place + base for part, base in zip(parts, counts, strict=False)]
    rest = {
        name: np.concatenate([getattr(part.notable, name) for part in parts])
        for name in ("boundary", "certainty", "counted", "share", "distance_m")
    }
    notable = Notable(np.concatenate(places), **rest)
    return Placed(
        start, np.concatenate([p.boundary for p in parts]), np.concatenate([p.certainty for p in parts]), notable
    )


def subset(placed: Placed, index: Ints) -> Placed:
    """The result for some places, renumbered in the given order."""
    sizes = placed.start[index + 1] - placed.start[index]
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    flat = np.repeat(placed.start[index] - start[:-1], sizes) + np.arange(start[-1])
    new_of = np.full(len(placed.certainty), -1, np.int64)
    new_of[index] = np.arange(len(index))
    notable = placed.notable
    keep = new_of[notable.place] >= 0
    kept = Notable(
        new_of[notable.place[keep]], notable.boundary[keep], notable.certainty[keep], notable.counted[keep],
        notable.share[keep], notable.distance_m[keep],
    )  # fmt: skip
    return Placed(start, placed.boundary[flat], placed.certainty[index], kept)


# --- table rows -------------------------------------------------------------------------------------------------------


def place_rows(work: Work, register: Register, chosen: Chosen, ids: Ints, owners: Ints, run: Run) -> pa.Table:
    """Rows of `place`."""
    places, rows, index = chosen.places, chosen.position, chosen.index
    located, placed = places.located[index], chosen.placed
    exact = exact_ones(work, register, rows)
    lon, lat = (np.full(len(rows), np.nan) for _ in range(2))
    lon[located], lat[located] = coordinates(work, rows[located])
    known = np.full(len(rows), None, object)
    known[located] = geometries(work, rows[located])
    counted = runs_of(placed.start, placed.boundary)
    return pa.table({
        "id": pa.array(ids),
        "entry_id": pa.array(owners),
        "register": constant(register.name, len(rows)),
        "geom": hex_shapes(known),
        "public_geom": hex_shapes(shown(known, lon, lat, located, exact)),
        "public_precision": pa.array(np.where(exact, PublicPrecision.EXACT.value, PublicPrecision.HEXAGON.value)),
        "address": addresses(work, rows),
        "match_level": pa.array(places.level[index].tolist(), pa.string()),
        "certainty": pa.array(placed.certainty.tolist(), pa.string()),
        "hex_8": pa.array(hexagons(lon, lat, located), pa.int64()),
        "placed": pg_array(counted),
        "public_placed": pg_array(public_runs(places, placed, exact | (places.by_statement[index] > 0))),
        "stated_territory_id": numbers(places.stated[index]),
        "import_run_id": constant(run.id, len(rows)),
    })  # fmt: skip


def exact_ones(work: Work, register: Register, rows: Ints) -> Bools:
    """Which places may be shown as exactly as they are known."""
    if not register.coarse or work.request.public_objects:
        return np.ones(len(rows), bool)
    public = at(work.column("public_object"), rows).cast(pa.bool_())
    exact: Bools = pc.fill_null(public, False).to_numpy(zero_copy_only=False)
    return exact


def addresses(work: Work, rows: Ints) -> pa.Array:
    """The address; where there is none, the settlement the source names."""
    address, settlement = (at(work.column(name), rows).cast(pa.string()) for name in ("address", "settlement"))
    return pc.coalesce(address, settlement)


def hexagons(lon: NDArray[np.float64], lat: NDArray[np.float64], located: Bools) -> list[int | None]:
    """The H3 cell of each located place."""
    return [
        cells.latlng_to_cell(y, x, HEX) if there else None
        for x, y, there in zip(lon.tolist(), lat.tolist(), located.tolist(), strict=True)
    ]


def shown(known: Shapes, lon: NDArray[np.float64], lat: NDArray[np.float64], located: Bools, exact: Bools) -> Shapes:
    """What the public sees: the shape itself, or the centre of its hexagon cell."""
    public = known.copy()
    coarse = np.flatnonzero(located & ~exact)
    if len(coarse):
        of = [
            cells.latlng_to_cell(y, x, HEX_PUBLIC)
            for x, y in zip(lon[coarse].tolist(), lat[coarse].tolist(), strict=True)
        ]
        centre = {cell: cells.cell_to_latlng(cell) for cell in set(of)}
        centres = np.array([centre[cell] for cell in of])
        public[coarse] = shapely.points(centres[:, 1], centres[:, 0])
    public[~located] = None
    return public


def public_runs(places: Places, placed: Placed, whole: Bools) -> pa.Array:
    """The boundary versions that may be named: all of them, or those too large to give a coarse place away."""
    of = np.repeat(np.arange(len(placed.certainty)), np.diff(placed.start))
    keep = whole[of] | public_ids(places.placer, placed.boundary) if len(of) else np.empty(0, bool)
    start = np.concatenate([[0], np.cumsum(np.bincount(of[keep], minlength=len(placed.certainty)))])
    return runs_of(start.astype(np.int64), placed.boundary[keep])
