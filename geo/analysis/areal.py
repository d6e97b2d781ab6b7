"""What would earlier figures be in today's boundaries? Counts and rates carried from one set of areas to another.

A crosswalk says which share of each source area belongs to each target area: by residents of the pieces where cells or
houses are known (dasymetric, preferred), by area where they are not. Counts are divided by these shares and added up;
rates are averaged, weighted by what the pieces are to the target. A merge of whole areas is exact, anything split is
`estimated`. Where the sources cover less than half of a target there is no figure; below 95 % it is marked `partial`.
Nothing is lost: over a complete set of targets the counts add up to the source total.

Goodchild, M. F., Lam, N. S.-N. (1980) Areal interpolation: a variant of the traditional spatial problem. Geo-Processing
1, 297-312. Mennis, J. (2003) Generating surface models of population using dasymetric mapping. Professional Geographer
55, 31-42.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.analysis.arrays import Bools, Floats, Ints, divided, floats, indexes, weights
from geo.analysis.columns import Values
from geo.analysis.figure import NO_DATA, Unit
from geo.vocabulary import PopulationBase

SLIVER_M2 = 1.0
# overlaps that miss the source area by less than this share miss it by drawing, not by law
DRAWING_SHARE = 1e-3
PARTIAL_BELOW = 0.95
LEAST_COVERED = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Crosswalk:
    """Pieces: `share[i]` of source area `source[i]` lies in target area `target[i]` and makes up `cover[i]` of that.

    Shares of a source add to 1, or less where it reaches beyond all targets; covers of a target add to 1, or less where
    no source lies under it. `by_area` marks sources divided by area for want of residents.
    """

    source: Ints
    target: Ints
    share: Floats
    cover: Floats
    sources: int
    targets: int
    by_area: Bools


def crosswalk(
    source: npt.ArrayLike,
    target: npt.ArrayLike,
    overlap_m2: npt.ArrayLike,
    source_m2: npt.ArrayLike,
    target_m2: npt.ArrayLike,
    *,
    people: npt.ArrayLike | None = None,
    sliver_m2: float = SLIVER_M2,
) -> Crosswalk:
    """From pieces (source row, target row, m2 of overlap) and the areas; people: residents of each piece, if known.

    Pieces under `sliver_m2` are dropped and the rest of their source takes their part.

    >>> walk = crosswalk([0, 0, 1], [0, 1, 1], [60, 40, 100], [100, 100], [60, 140])
    >>> walk.share.tolist(), walk.cover.round(3).tolist()
    ([0.6, 0.4, 1.0], [1.0, 0.286, 0.714])
    """
    of_source, of_target = weights(source_m2, "source_m2"), weights(target_m2, "target_m2")
    overlap = weights(overlap_m2, "overlap_m2")
    from_row = indexes(source, "source", size=len(overlap), below=len(of_source))
    to_row = indexes(target, "target", size=len(overlap), below=len(of_target))
    living = None if people is None else weights(people, "people", size=len(overlap))
    inside = np.bincount(from_row, overlap, len(of_source))
    whole = inside >= of_source * (1 - DRAWING_SHARE)
    kept = overlap >= sliver_m2
    from_row, to_row, overlap = from_row[kept], to_row[kept], overlap[kept]
    # dropped slivers go back to the pieces of the same source
    left = np.bincount(from_row, overlap, len(of_source))
    share = divided(overlap, left[from_row]) * np.where(whole, 1.0, divided(inside, of_source))[from_row]
    cover = np.minimum(divided(overlap, of_target[to_row]), 1.0)
    by_area = np.ones(len(of_source), bool)
    if living is not None:
        share, cover, by_area = _by_people(from_row, to_row, living[kept], share, cover, whole)
    return Crosswalk(from_row, to_row, share, cover, len(of_source), len(of_target), by_area)


def _by_people(
    from_row: Ints, to_row: Ints, living: Floats, share: Floats, cover: Floats, whole: Bools
) -> tuple[Floats, Floats, Bools]:
    """Residents of the pieces in place of their areas, for sources that lie within the targets and have residents.

    Of a source that reaches beyond the targets only the area says how much stays outside.
    """
    known = np.bincount(from_row, np.isnan(living), len(whole)) == 0
    total = np.bincount(from_row, np.nan_to_num(living), len(whole))
    usable = known & (total > 0) & whole
    by_people = usable[from_row]
    share = np.where(by_people, divided(living, total[from_row]), share)
    of_target = np.bincount(to_row, np.nan_to_num(living), to_row.max(initial=-1) + 1)
    under = np.bincount(to_row, cover, len(of_target))
    all_by_people = np.bincount(to_row, ~by_people, len(of_target)) == 0
    usable_target = all_by_people & (of_target > 0) & (under >= PARTIAL_BELOW)
    cover = np.where(usable_target[to_row], divided(living, of_target[to_row]), cover)
    return share, cover, ~usable


@dataclass(frozen=True, slots=True, eq=False)
class Transferred:
    """Figures per target area, the share of each target for which sources with data exist, and where that is low."""

    values: Values
    covered: Floats
    partial: Bools


def transfer_counts(
    counts: npt.ArrayLike,
    walk: Crosswalk,
    unit: Unit = Unit.COUNT,
    *,
    base: PopulationBase | None = None,
) -> Transferred:
    """Counts per source area (NaN: not known) as counts per target area; conserved over complete targets.

    >>> walk = crosswalk([0, 0, 1], [0, 1, 1], [60, 40, 100], [100, 100], [60, 140])
    >>> moved = transfer_counts([10, 20], walk)
    >>> moved.values.value.tolist(), moved.values.estimated.tolist()
    ([6.0, 24.0], [True, True])
    """
    amounts = weights(counts, "counts", size=walk.sources)
    known = ~np.isnan(amounts)[walk.source]
    pieces = np.where(known, amounts[walk.source] * walk.share, 0.0)
    totals = np.bincount(walk.target, pieces, walk.targets).astype(np.float64)
    covered = np.bincount(walk.target, np.where(known, walk.cover, 0.0), walk.targets).astype(np.float64)
    return _transferred(totals, covered, walk, unit, base)


def transfer_rates(
    rates: npt.ArrayLike,
    walk: Crosswalk,
    unit: Unit = Unit.SHARE,
    *,
    base: PopulationBase | None = None,
) -> Transferred:
    """Rates per source area as rates per target area: means weighted by what each piece is to the target.

    >>> walk = crosswalk([0, 0, 1], [0, 1, 1], [60, 40, 100], [100, 100], [60, 140])
    >>> transfer_rates([0.7, 0.35], walk).values.value.round(3).tolist()
    [0.7, 0.45]
    """
    levels = floats(rates, "rates", size=walk.sources)
    known = ~np.isnan(levels)[walk.source]
    weight = np.where(known, walk.cover, 0.0)
    covered = np.bincount(walk.target, weight, walk.targets).astype(np.float64)
    summed = np.bincount(walk.target, weight * np.nan_to_num(levels)[walk.source], walk.targets)
    return _transferred(divided(summed, covered), covered, walk, unit, base)


def _transferred(
    figures: Floats, covered: Floats, walk: Crosswalk, unit: Unit, base: PopulationBase | None
) -> Transferred:
    reached = np.minimum(covered, 1.0)
    rounding = 1e-9
    split = np.abs(walk.share - 1) > rounding
    estimated = np.bincount(walk.target, split, walk.targets) > 0
    missing = np.where(reached < LEAST_COVERED - rounding, NO_DATA, 0)
    values = Values.build(
        figures,
        unit,
        missing=missing,
        estimated=estimated & (missing == 0),
        base=base,
        counts_people=unit is Unit.PEOPLE,
    )
    return Transferred(values, reached, np.asarray((reached < PARTIAL_BELOW) & (missing == 0), dtype=bool))
