"""Which arrays do the indicator functions take? One-dimensional, float64, NaN for "not known", never infinite.

Everything that computes over areas or cells turns its arguments into these shapes at the door, so that a list, a
tuple or an integer column behave alike and a wrong length is refused with names instead of being broadcast.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Codes: TypeAlias = npt.NDArray[np.int8]
Bools: TypeAlias = npt.NDArray[np.bool_]


def floats(values: npt.ArrayLike, name: str = "values", *, size: int | None = None, dimensions: int = 1) -> Floats:
    """The argument as float64; `None` and NaN mean not known, infinity is a ValueError, so is another length."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != dimensions:
        raise ValueError(f"{name} has {array.ndim} dimensions, needed: {dimensions}")
    if size is not None and len(array) != size:
        raise ValueError(f"{name} has {len(array)} rows, needed: {size}")
    if np.isinf(array).any():
        raise ValueError(f"{name} holds an infinite number")
    return array


def weights(values: npt.ArrayLike, name: str, *, size: int | None = None) -> Floats:
    """Like `floats`, for amounts that cannot be negative (people, objects, money, areas, metres)."""
    array = floats(values, name, size=size)
    if (array < 0).any():
        raise ValueError(f"{name} holds a negative amount")
    return array


def indexes(values: npt.ArrayLike, name: str, *, size: int | None = None, below: int | None = None) -> Ints:
    """Row numbers as int64, each in 0..below-1; a fraction or a number outside is a ValueError."""
    raw = np.asarray(values)
    if raw.ndim != 1:
        raise ValueError(f"{name} has {raw.ndim} dimensions, needed: 1")
    if raw.size and not np.issubdtype(raw.dtype, np.integer):
        raise ValueError(f"{name} must hold whole numbers")
    array = raw.astype(np.int64)
    if size is not None and len(array) != size:
        raise ValueError(f"{name} has {len(array)} rows, needed: {size}")
    if array.size and (array.min() < 0 or (below is not None and array.max() >= below)):
        raise ValueError(f"{name} points outside 0..{below}")
    return array


def divided(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> Floats:
    """numerator / denominator, NaN wherever the denominator is 0 or either is not known; never a warning."""
    top, bottom = np.broadcast_arrays(np.asarray(numerator, float), np.asarray(denominator, float))
    quotient = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=quotient, where=bottom != 0)
    return quotient


def sealed(array: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """A copy that refuses writing, so that a frozen result really is one."""
    copy = np.array(array, copy=True)
    copy.flags.writeable = False
    return copy
