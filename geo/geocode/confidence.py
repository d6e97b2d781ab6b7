"""How sure is it that the best candidate is the place meant?

A logistic model over what `match` measured, one per family of levels, followed by an isotonic step that makes the
figure a frequency: of answers given with 0.9, nine in ten or more are right. Weights and steps stand in
data/confidence.json, written by benchmarks/geocode/calibrate.py from generated noise over invented cities; no real
query was used.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from operator import mul
from pathlib import Path

from geo.geocode.candidates import (
    EXACT,
    GROUP,
    INTERPOLATED,
    LIKELY,
    MISSING,
    NAMED,
    ONLY_ONE,
    PART_UNKNOWN,
    SCOPED,
    SIMILAR,
    SUBURB,
    UNSAID,
    Candidate,
)
from geo.vocabulary import MatchLevel

MODEL_FILE = Path(__file__).parent / "data" / "confidence.json"
STREETS, OBJECTS, SETTLEMENTS = "streets", "objects", "settlements"
_FAMILIES = {
    MatchLevel.HOUSE: STREETS, MatchLevel.HOUSE_GROUP: STREETS, MatchLevel.INTERPOLATED: STREETS,
    MatchLevel.STREET: STREETS, MatchLevel.POI: OBJECTS, MatchLevel.AREA: OBJECTS,
    MatchLevel.DISTRICT: SETTLEMENTS, MatchLevel.SETTLEMENT: SETTLEMENTS,
}  # fmt: skip
FEATURES = (
    "coverage", "explained", "weakest", "misspelt", "typed", "type_contradicts", "named", "similar_settlement", "scope",
    "unsaid", "suburb", "exact", "likely", "group", "part_unknown", "interpolated", "house_missing", "likeness",
    "conflict", "margin", "words", "marked", "by_other_name", "ignored",
    "stranger", "real_word",
)  # fmt: skip
_FAR_MARGIN = 0.3


def family(candidate: Candidate) -> str:
    """Which model judges the candidate: streets and houses, objects and areas, or settlements."""
    return _FAMILIES[candidate.level]


def features(candidate: Candidate, margin: float) -> tuple[float, ...]:
    """What the model sees, in the order of FEATURES; margin is the distance in rank to the next other place."""
    state = candidate.house.state if candidate.house else ""
    return (
        candidate.coverage,
        candidate.explained,
        candidate.weakest,
        float(candidate.weakest < 0.89),
        float(candidate.typed == 1),
        float(candidate.typed == -1),
        float(candidate.settled == NAMED),
        float(candidate.settled == SIMILAR),
        float(candidate.settled in (SCOPED, ONLY_ONE)),
        float(candidate.settled == UNSAID),
        float(candidate.settled == SUBURB),
        float(state == EXACT),
        float(state == LIKELY),
        float(state == GROUP),
        float(state == PART_UNKNOWN),
        float(state == INTERPOLATED),
        float(state == MISSING),
        candidate.house.likeness if candidate.house else 0.0,
        float(candidate.conflict),
        min(margin, _FAR_MARGIN) / _FAR_MARGIN,
        float(min(candidate.words, 3)) / 3,
        float(candidate.marked),
        float(not candidate.usual),
        float(min(len(candidate.ignored), 4)) / 4,
        candidate.stranger,
        float(candidate.real_word),
    )


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of the logistic part and the steps of the isotonic part (scores ascending, their frequencies)."""

    weights: tuple[float, ...]
    constant: float
    scores: tuple[float, ...]
    frequencies: tuple[float, ...]

    def confidence(self, values: tuple[float, ...]) -> float:
        """The frequency with which such an answer is right, 0..1."""
        total = self.constant + sum(map(mul, self.weights, values))
        score = 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))
        return self._frequency(score)

    def _frequency(self, score: float) -> float:
        place = bisect_right(self.scores, score)
        if place == 0:
            return self.frequencies[0]
        if place == len(self.scores):
            return self.frequencies[-1]
        low, high = self.scores[place - 1], self.scores[place]
        share = (score - low) / (high - low) if high > low else 1.0
        return self.frequencies[place - 1] + share * (self.frequencies[place] - self.frequencies[place - 1])


@lru_cache(maxsize=1)
def models() -> dict[str, Model]:
    """The calibrated models by family, read once."""
    stored = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    return {
        name: Model(
            tuple(part["weights"][feature] for feature in FEATURES),
            part["constant"],
            tuple(part["scores"]),
            tuple(part["frequencies"]),
        )
        for name, part in stored["models"].items()
    }


def confidence_of(candidate: Candidate, margin: float) -> float:
    """The calibrated confidence of a candidate, 0..1."""
    return models()[family(candidate)].confidence(features(candidate, margin))
