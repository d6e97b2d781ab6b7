"""Are voters per seat compared with the norm, and do limits belong to the class below them?"""

from __future__ import annotations

import numpy as np
import pytest

from geo.analysis.representation import permitted, representation
from geo.analysis.result import NO_DATA, NO_OBJECTS, NO_RESIDENTS


def test_the_published_example() -> None:
    """Leningrad oblast, January 2026: norm 57,389 voters; 51,650 to 63,128 within 10 %, 45,912 to 68,867 within 20 %.

    The four printed limits follow from a norm of 57,389.4 before rounding, and from no whole number.
    """
    assert permitted(57389.4, 0.1) == (51650, 63128)
    assert permitted(57389.4, 0.2) == (45912, 68867)
    assert permitted(57389, 0.2) != (45912, 68867)
    assert permitted(58389.4, 0.1) != (51650, 63128)


def test_deviation_from_the_norm() -> None:
    result = representation([50, 100, 150])
    assert result.norm == 100
    assert result.deviation.value.tolist() == [-0.5, 0, 0.5]
    assert result.class_codes() == ["above_30", "within_10", "above_30"]
    assert result.deviation[0].numerator == 50


def test_several_seats() -> None:
    result = representation([100, 230], [1, 2])
    assert result.norm == 110
    np.testing.assert_allclose(result.deviation.value, [100 / 110 - 1, 115 / 110 - 1])


def test_limits_are_inclusive() -> None:
    result = representation([90, 110, 80, 120, 70, 130, 131, 100], norm=100)
    assert result.class_of.tolist() == [0, 0, 1, 1, 2, 2, 3, 0]


def test_a_norm_by_decision() -> None:
    assert representation([90], norm=100).deviation.value[0] == pytest.approx(-0.1)
    assert representation([90]).deviation.value[0] == 0


def test_states_of_nothing() -> None:
    result = representation([100, np.nan, 100, 0], [1, 1, 0, 1])
    assert result.deviation.missing.tolist() == [0, NO_DATA, NO_OBJECTS, 0]
    assert result.norm == 50
    assert result.deviation.value[3] == -1
    assert result.class_codes() == ["above_30", None, None, "above_30"]
    nobody = representation([0, 0])
    assert nobody.norm is None
    assert nobody.deviation.missing.tolist() == [NO_RESIDENTS] * 2
    assert representation([]).norm is None
    assert set(representation([70, 70, 70]).deviation.value.tolist()) == {0}
