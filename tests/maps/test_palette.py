"""Can everybody tell the classes apart? Distances in CIELAB, seen normally and with three colour deficiencies."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest

from maps.palette import RAMPS, SYMBOLS, ramp

Matrix = npt.NDArray[np.float64]
# Machado, Oliveira and Fernandes 2009, severity 1.0
DEFICIENCIES: dict[str, Matrix] = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
LEAST = 12


def linear(colour: str) -> Matrix:
    encoded = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def lab(colour: str, seen: Matrix) -> Matrix:
    xyz = TO_XYZ @ np.clip(seen @ linear(colour), 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one: str, other: str, seen: Matrix) -> float:
    return float(np.linalg.norm(lab(one, seen) - lab(other, seen)))


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("scheme", RAMPS)
def test_classes_can_be_told_apart(scheme: str, deficiency: str) -> None:
    pairs = itertools.combinations(RAMPS[scheme], 2)
    assert min(distance(one, other, DEFICIENCIES[deficiency]) for one, other in pairs) >= LEAST


@pytest.mark.parametrize("scheme", ["sequential", "counts"])
def test_more_is_darker(scheme: str) -> None:
    lightness = [lab(colour, DEFICIENCIES["normal"])[0] for colour in RAMPS[scheme]]
    assert lightness == sorted(lightness, reverse=True)


def test_needs_and_projects_differ_for_everybody() -> None:
    assert all(distance(SYMBOLS["need"], SYMBOLS["project"], seen) > 25 for seen in DEFICIENCIES.values())


def test_few_classes_use_the_whole_ramp() -> None:
    assert ramp("sequential", 5) == RAMPS["sequential"]
    assert ramp("sequential", 3) == (RAMPS["sequential"][0], RAMPS["sequential"][2], RAMPS["sequential"][4])
    assert ramp("sequential", 1) == (RAMPS["sequential"][2],)
