"""Do natural classes fall where they are published to fall? Employees per km2 in the counties of California."""

from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path

import jenkspy
import numpy as np
import pytest

from maps.classify import classify


def employees() -> list[float]:
    spec = find_spec("mapclassify")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "datasets" / "calemp" / "calempdensity.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [float(row["emp/sq km"]) for row in csv.DictReader(file)]


def test_california() -> None:
    density = employees()
    limits = jenkspy.jenks_breaks(density, n_classes=5)[1:]
    assert limits == pytest.approx([75.29, 192.05, 370.5, 722.85, 4111.45])
    assert np.bincount(np.searchsorted(limits, density)).tolist() == [49, 3, 4, 1, 1]
    # the map shows the same limits, rounded so that a legend can be read
    shown = classify(density, method="natural", unit="per_km2")
    assert shown.breaks == pytest.approx(limits, rel=0.07)
    moved = classify([*density[:-1], 9000.0], method="natural", unit="per_km2")
    assert moved.breaks != shown.breaks
