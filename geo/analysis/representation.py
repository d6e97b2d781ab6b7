"""Does a voter weigh the same in every electoral district? Voters per seat against the mean norm of representation.

The norm is all voters over all seats; a district's deviation is its voters per seat over the norm, minus 1. Russian
federal law (67-FZ, article 18) allows 10 %, 20 % where municipal borders are kept, 30 % in remote areas; which limit
applies is for the reader to say, the classes show all of them. Districts of several seats count their voters per seat.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from geo.analysis.arrays import Codes, divided, weights
from geo.analysis.columns import Values
from geo.analysis.figure import NO_DATA, NO_OBJECTS, NO_RESIDENTS, Unit
from geo.vocabulary import PopulationBase

LIMITS = (0.10, 0.20, 0.30)
CLASSES = ("within_10", "within_20", "within_30", "above_30")


@dataclass(frozen=True, slots=True, eq=False)
class Representation:
    """`deviation` as a share of the norm (negative: fewer voters per seat), `class_of` 0..3 by its size, -1 unknown.

    `norm` is voters per seat over the districts with data, None when there are none.
    """

    norm: float | None
    deviation: Values
    class_of: Codes

    def class_codes(self) -> list[str | None]:
        """`within_10`, `within_20`, `within_30`, `above_30`; None without data."""
        return [CLASSES[code] if code >= 0 else None for code in self.class_of.tolist()]


def representation(
    voters: npt.ArrayLike, seats: npt.ArrayLike | None = None, *, norm: float | None = None
) -> Representation:
    """Deviations of districts of one scheme; seats per district (1 by default); norm, if set by a decision.

    >>> result = representation([51000, 57000, 63900])
    >>> round(result.norm), result.deviation.value.round(3).tolist(), result.class_codes()
    (57300, [-0.11, -0.005, 0.115], ['within_20', 'within_10', 'within_20'])
    """
    people = weights(voters, "voters")
    places = np.ones(len(people)) if seats is None else weights(seats, "seats", size=len(people))
    known = ~np.isnan(people) & (places > 0)
    mean = float(divided(people[known].sum(), places[known].sum())) if norm is None else float(norm)
    deviation = divided(divided(people, places), mean) - 1
    missing = np.where(np.isnan(people) | np.isnan(places), NO_DATA, np.where(places == 0, NO_OBJECTS, 0))
    missing = np.where((missing == 0) & np.isnan(deviation), NO_RESIDENTS, missing)
    values = Values.build(
        deviation,
        Unit.SHARE,
        missing=missing,
        numerator=people,
        denominator=places * mean,
        base=PopulationBase.VOTERS,
    )
    # a limit belongs to the class below it; the last bits of a quotient do not lift a district over it
    size = np.abs(values.value)
    class_of = np.where(values.known, np.searchsorted(np.array(LIMITS) + 1e-12, size, side="left"), -1)
    return Representation(mean if math.isfinite(mean) and mean > 0 else None, values, class_of.astype(np.int8))


def permitted(norm: float, limit: float) -> tuple[int, int]:
    """The least and the greatest number of voters per seat within a limit, rounded half up as schemes print them.

    >>> permitted(57389.4, 0.10), permitted(57389.4, 0.20)
    ((51650, 63128), (45912, 68867))
    """
    exact, allowed = Fraction(str(norm)), Fraction(str(limit))
    low, high = (math.floor(exact * (1 + sign * allowed) + Fraction(1, 2)) for sign in (-1, 1))
    return low, high
