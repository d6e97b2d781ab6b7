"""How is chance kept repeatable? One stream of random numbers per word, all from one seed.

A stage of the generator that draws more numbers than before does not disturb the others.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")
Curve = Callable[[np.ndarray], np.ndarray]


def stream(seed: int, word: str) -> random.Random:
    """The stream of one word ("river", "streets" ...); the same on every machine."""
    return random.Random(f"okruga:{seed}:{word}")  # noqa: S311 - repeatable is the point


def noise(chance: random.Random, wave: float, size: float) -> Curve:
    """A smooth wandering curve: about `size` high, with waves of about `wave` metres."""
    parts = [(chance.uniform(0.6, 1.0) * size / (k**0.7), wave / k, chance.uniform(0, math.tau)) for k in (1, 1.7, 2.9)]

    def curve(along: np.ndarray) -> np.ndarray:
        heights = [height * np.sin(math.tau * along / length + phase) for height, length, phase in parts]
        return np.asarray(np.sum(heights, axis=0) / 1.6)

    return curve


def weighted(chance: random.Random, choices: Sequence[tuple[T, float]]) -> T:
    """One of the choices, by weight."""
    return chance.choices([choice for choice, _ in choices], [weight for _, weight in choices])[0]


def largest_remainder(total: int, shares: Sequence[float]) -> list[int]:
    """Whole numbers in the proportion of `shares` that add up to `total` exactly."""
    scale = total / sum(shares)
    exact = [share * scale for share in shares]
    whole = [math.floor(value) for value in exact]
    order = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
    for i in order[: total - sum(whole)]:
        whole[i] += 1
    return whole
