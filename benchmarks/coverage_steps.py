"""How long do the coverage steps of a large region take? 500,000 population cells against 50,000 projects.

Median of three runs, the load printed; the bar is 10 seconds. Run it as `python -m benchmarks.coverage_steps`.
"""

from __future__ import annotations

import os
from statistics import median
from time import perf_counter

import numpy as np

from geo.analysis.distance import nearest_m, people_by_step, people_within, steps

CELLS, PROJECTS, AREAS, RUNS = 500_000, 50_000, 600, 3


def run(seed: int) -> float:
    """Seconds from positions to the table every distance is read from."""
    random = np.random.default_rng(seed)
    corner, size = np.array([45.0, 51.0]), np.array([4.0, 2.5])
    cells = corner + size * random.random((CELLS, 2))
    projects = corner + size * random.random((PROJECTS, 2))
    people = random.integers(0, 60, CELLS).astype(float)
    area = random.integers(0, AREAS, CELLS)
    start = perf_counter()
    table = people_by_step(steps(nearest_m(cells, projects)), people, area, AREAS)
    seconds = perf_counter() - start
    assert people_within(table, 500).sum() <= people.sum() == table.sum()
    return seconds


def main() -> None:
    """Print the median."""
    times = [run(seed) for seed in range(RUNS)]
    load = os.getloadavg()[0]
    print(f"coverage steps, {CELLS:,} cells x {PROJECTS:,} projects: {median(times):.2f} s (load {load:.1f})")


if __name__ == "__main__":
    main()
