"""How surprising is a standardised difference, and how surprising when many are looked at together?

`scipy.stats` is imported where it is needed: it takes longer to import than everything else a first page needs.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from geo.analysis.arrays import Bools, Floats


def two_sided(z: Floats | float) -> Floats:
    """Chance of a standard normal value at least as far from zero; NaN stays NaN.

    >>> two_sided(1.959964).round(6).tolist()
    0.05
    """
    return np.asarray(2 * ndtr(-np.abs(z)))


def adjusted(p: Floats, tested: Bools) -> Floats:
    """False discovery rate of each tested chance (Benjamini and Hochberg 1995); NaN where nothing was tested.

    >>> adjusted(np.array([0.01, 0.04, np.nan]), np.array([True, True, False])).tolist()
    [0.02, 0.04, nan]
    """
    from scipy.stats import false_discovery_control

    q = np.full(len(p), np.nan)
    if tested.any():
        q[tested] = false_discovery_control(p[tested])
    return q
