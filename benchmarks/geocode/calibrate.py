"""Fit the confidence model: python -m benchmarks.geocode.calibrate

Invented cities, a fifth of whose streets are withheld from the engine, are queried with generated noise. The logistic
part is fitted on some cities, the isotonic part on others, and the figures printed are from a third group: no city
serves twice. Real queries and real cities play no part.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from benchmarks.geocode.invented import Plan, invent, street_names
from benchmarks.geocode.noise import Query, World, make_queries, metres, near_name, split_street, withhold
from benchmarks.geocode.scoring import FINENESS
from geo.geocode.candidates import Candidate
from geo.geocode.confidence import FEATURES, MODEL_FILE, family, features
from geo.geocode.coordinates import read_coordinates
from geo.geocode.decide import rivals_of
from geo.geocode.engine import Geocoder
from geo.geocode.gazetteer import Gazetteer, merged, shipped_gazetteer
from geo.geocode.match import find_candidates

Sample = tuple[str, tuple[float, ...], bool, str]
GROUPS = {"fit": (11, 12, 13, 14), "steps": (21, 22, 23), "check": (31, 32)}
_MOST_CERTAIN = 0.999
_STEPS = 40
_PRIOR_AT, _PRIOR_WEIGHT = np.linspace(0.05, 0.95, 10), 2.0


def samples(seed: int, per_kind: int) -> list[Sample]:
    """(family, features, right, kind) of the best candidate of every query about the cities of one seed."""
    whole = invent(
        Plan(cities=2 + seed % 3, streets=120 + 60 * (seed % 5), houses_per_street=10 + seed % 12, seed=seed)
    )
    known, gone = withhold(whole, 0.2, seed)
    together = merged([known, shipped_gazetteer()])
    geocoder = Geocoder(together)
    found = []
    for query in [*make_queries(together, seed + 1000, per_kind, gone), *near_names(known, seed, per_kind)]:
        if query.expect != "ambiguous" and read_coordinates(query.query) is None:
            sample = _sample(geocoder, query)
            if sample:
                found.append(sample)
    return found


def near_names(known: Gazetteer, seed: int, count: int) -> list[Query]:
    """Queries for streets the cities do not have but nearly do: what a slip must not be confused with."""
    pool = sorted(split_street(name)[1] for name in street_names(random.Random(seed + 5000), 600))
    world = World(known, seed + 2000)
    found: list[Query] = []
    for _ in range(count * 400):
        query = near_name(world, pool)
        if query is not None:
            found.append(query)
        if len(found) == count:
            break
    return found


def _sample(geocoder: Geocoder, query: Query) -> Sample | None:
    reading = geocoder.read(query.query)
    candidates = find_candidates(reading, geocoder.index, geocoder.limits(query.scope))
    if not candidates:
        return None
    best = candidates[0]
    rivals = rivals_of(best, candidates)
    margin = best.rank - rivals[0].rank if rivals else 1.0
    if margin <= 0.06:
        return None
    return family(best), features(best, margin), _is_right(query, best), query.kind


def _is_right(query: Query, best: Candidate) -> bool:
    if query.expect == "refuse" or query.lat is None or query.lon is None:
        return False
    too_fine = query.level in ("street", "house_group", "settlement") and FINENESS[best.level] > FINENESS[query.level]
    return not too_fine and metres(query.lat, query.lon, best.lat, best.lon) <= (query.tolerance_m or 0)


def fit(fitting: Sequence[Sample], stepping: Sequence[Sample]) -> dict[str, object]:
    """Weights and steps of one family."""
    inputs, right = _arrays(fitting)
    logistic = LogisticRegression(C=1.0, max_iter=5000).fit(inputs, right)
    step_inputs, step_right = _arrays(stepping)
    scores = logistic.predict_proba(step_inputs)[:, 1]
    isotonic = IsotonicRegression(out_of_bounds="clip", y_min=0.0, y_max=_MOST_CERTAIN).fit(
        # where answers are few the logistic part keeps a say, so that a handful of wrong ones is no plateau of zeros
        np.concatenate([scores, _PRIOR_AT]),
        np.concatenate([step_right, _PRIOR_AT]),
        sample_weight=np.concatenate([np.ones(len(scores)), np.full(len(_PRIOR_AT), _PRIOR_WEIGHT)]),
    )
    grid = np.unique(np.concatenate([np.quantile(scores, np.linspace(0, 1, _STEPS)), np.linspace(0, 1, _STEPS)]))
    return {
        "weights": {name: round(float(w), 5) for name, w in zip(FEATURES, logistic.coef_[0], strict=True)},
        "constant": round(float(logistic.intercept_[0]), 5),
        "scores": [round(float(s), 6) for s in grid],
        "frequencies": [round(float(f), 5) for f in _rising(isotonic.predict(grid), scores, step_right)],
    }


def _rising(
    frequencies: NDArray[np.float64], scores: NDArray[np.float64], right: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """A run of right answers is no proof of certainty: the rule of three caps each step by the answers behind it."""
    capped = []
    for frequency in frequencies:
        behind = int((right[scores >= np.interp(frequency, frequencies, np.sort(scores)[: len(frequencies)])]).sum())
        capped.append(min(frequency, 1 - 3 / (behind + 300)))
    return np.maximum.accumulate(np.array(capped))


def _arrays(found: Sequence[Sample]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    return np.array([values for _, values, _, _ in found]), np.array([right for _, _, right, _ in found])


def main() -> None:
    per_kind = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    groups = {name: [s for seed in seeds for s in samples(seed, per_kind)] for name, seeds in GROUPS.items()}
    models = {}
    for name in ("streets", "objects", "settlements"):
        parts = {group: [s for s in found if s[0] == name] for group, found in groups.items()}
        models[name] = fit(parts["fit"], parts["steps"])
        print(
            name,
            {group: (len(found), round(float(np.mean([s[2] for s in found])), 4)) for group, found in parts.items()},
        )
    made = f"benchmarks/geocode/calibrate.py, {per_kind} queries a kind, seeds {GROUPS['fit'] + GROUPS['steps']}"
    Path(MODEL_FILE).write_text(json.dumps({"made_by": made, "models": models}, indent=1) + "\n", encoding="utf-8")
    _check(groups["check"])


def _check(found: Sequence[Sample]) -> None:
    """Reliability on the cities that served neither part."""
    from geo.geocode.confidence import models

    models.cache_clear()
    certain = np.array([models()[name].confidence(values) for name, values, _, _ in found])
    right = np.array([r for _, _, r, _ in found])
    for low, high in ((0, 0.3), (0.3, 0.6), (0.6, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 1.01)):
        chosen = (certain >= low) & (certain < high)
        if chosen.any():
            print(
                f"{low:.2f}-{high:.2f}: n={chosen.sum()} mean confidence {certain[chosen].mean():.3f} right {right[chosen].mean():.3f}"
            )


if __name__ == "__main__":
    main()
