"""How do our indicators compare with the reference libraries, on the same input in the same run, answers equal?

    python -m benchmarks.indicators [catchment] [hotspots] [smoothing] [siting] [distance] [postgis] [country] [ranks]

Rounds of ours and theirs alternate; the ratio of medians is printed with the load of the machine. An answer that is
not equal ends the run. `country` is ours alone: a million places, and its memory.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.analysis.catchment import catchment, catchment_by_air, conserved, gaussian
from geo.analysis.distance import nearest_m, pairs_within, people_by_step, people_within, steps
from geo.analysis.hotspots import contiguity, hot_spots
from geo.analysis.ranks import simulated_ranks
from geo.analysis.siting_model import Demand, max_cover
from geo.analysis.smoothing import empirical_bayes
from geo.store.embedded import OWNER, Cluster

Answer = npt.NDArray[np.float64]


def compare(
    title: str, ours: Callable[[], Answer], theirs: Callable[[], Answer], *, rounds: int = 5, bar: float | None = None
) -> None:
    """Alternating rounds, medians, their ratio; the answers must agree to 1e-9."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        answers = []
        for side, ask in zip(times, (ours, theirs), strict=True):
            start = time.perf_counter()
            answers.append(ask())
            side.append(time.perf_counter() - start)
        np.testing.assert_allclose(answers[0], answers[1], rtol=1e-9, atol=1e-12)
    mine, other = statistics.median(times[0]), statistics.median(times[1])
    told = "" if bar is None else f"  bar {bar}"
    print(f"{title:<44} ours {mine:8.4f} s  theirs {other:8.4f} s  ratio {mine / other:7.4f}{told}"
          f"  load {os.getloadavg()[0]:.1f}")  # fmt: skip


def scatter(count: int, seed: int, west: float, south: float, width: float, height: float) -> Answer:
    """Random lon/lat points in a box."""
    return np.random.default_rng(seed).uniform([west, south], [west + width, south + height], (count, 2))


def bench_catchment() -> None:
    """P12: Gaussian two-step catchments of 20,000 places and 300 projects within 2 km, about a million pairs."""
    import pandas
    from access.fca import two_stage_fca

    cells, sites = scatter(20_000, 1, 46, 51.5, 0.1, 0.06), scatter(300, 2, 46, 51.5, 0.1, 0.06)
    people, capacity = np.random.default_rng(3).integers(1, 90, 20_000), np.ones(300)
    pairs = pairs_within(cells, sites, 2000)
    weight = gaussian(2000.0)
    cost = pandas.DataFrame({"origin": pairs.cell, "dest": pairs.site, "cost": pairs.distance_m})
    demand = pandas.DataFrame({"geoid": np.arange(20_000), "demand": people})
    supply = pandas.DataFrame({"supply": capacity}, index=pandas.Index(np.arange(300), name="geoid"))

    def library() -> Answer:
        one = two_stage_fca(demand, supply, cost, max_cost=2000, weight_fn=lambda m: float(weight(np.float64(m))))
        return np.asarray(one.reindex(np.arange(20_000)).fillna(0).to_numpy(float))

    def table() -> Answer:
        return catchment(people, capacity, pairs.cell, pairs.site, pairs.distance_m, threshold=2000).access

    def by_air() -> Answer:
        return catchment_by_air(cells, people, sites, capacity, threshold_m=2000).access

    print(f"{len(pairs.cell)} pairs")
    compare("catchment from a table of costs", table, library, rounds=3, bar=0.1)
    compare("catchment from points (distances included)", by_air, library, rounds=3, bar=0.1)


def bench_hotspots() -> None:
    """Gi* of 10,000 areas of a grid against esda without permutations."""
    from esda.getisord import G_Local
    from libpysal.weights import lat2W

    side = 100
    field = np.random.default_rng(5).normal(size=side * side)
    number = np.arange(side * side).reshape(side, side)
    links = contiguity(
        side * side,
        np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()]),
        np.concatenate([number[:, 1:].ravel(), number[1:].ravel()]),
    )
    weights = lat2W(side, side)

    def library() -> Answer:
        return np.asarray(G_Local(field, weights, transform="B", star=True, permutations=0).Zs)

    compare("hot spots (Gi*) of 10,000 areas", lambda: hot_spots(field, links).z, library, rounds=3)


def bench_smoothing() -> None:
    """Empirical Bayes of 20,000 areas."""
    from esda.smoothing import Empirical_Bayes

    random = np.random.default_rng(7)
    base = random.integers(50, 5000, 20_000)
    events = random.binomial(base, random.beta(4, 16, 20_000))
    compare(
        "empirical Bayes of 20,000 areas",
        lambda: empirical_bayes(events, base).smoothed,
        lambda: np.asarray(Empirical_Bayes(events, base).r).ravel(),
    )


def bench_siting() -> None:
    """Most people within 2.5 km by 8 of 100 places over 2,000 cells, against spopt with its own solver."""
    import pulp
    from spopt.locate import MCLP

    cells, sites = scatter(2000, 11, 46, 51.5, 0.3, 0.18), scatter(100, 12, 46, 51.5, 0.3, 0.18)
    people = np.random.default_rng(13).integers(0, 250, 2000)
    pairs = pairs_within(cells, sites, 2500)
    metres = np.full((2000, 100), 1e6)
    metres[pairs.cell, pairs.site] = pairs.distance_m
    demand = Demand.of(people, [f"{at:03}" for at in range(100)], pairs.cell, pairs.site, pairs.distance_m)

    def library() -> Answer:
        model = MCLP.from_cost_matrix(metres, people, 2500, p_facilities=8)
        return np.array([model.solve(pulp.PULP_CBC_CMD(msg=False)).problem.objective.value()])

    def ours() -> Answer:
        return np.array([max_cover(demand, 8, 2500).objective], dtype=float)

    compare("siting (MCLP) of 8 among 100, 2,000 cells", ours, library, rounds=3)


def bench_distance() -> None:
    """Residents within 50 m to 5 km: 500,000 cells, 50,000 projects; the peer is a plain tree of one distance."""
    from pyproj import Geod

    cells, sites = scatter(500_000, 21, 45, 50, 3, 2), scatter(50_000, 22, 45, 50, 3, 2)
    people, area = np.random.default_rng(23).integers(0, 60, 500_000), np.arange(500_000) % 600

    start = time.perf_counter()
    metres = nearest_m(cells, sites)
    table = people_by_step(steps(metres), people, area, 600)
    seconds = time.perf_counter() - start
    share = people_within(table, 800).sum() / people.sum()
    print(f"{'coverage steps 500,000 x 50,000':<44} ours {seconds:8.4f} s  bar 10 s  within 800 m: {share:.4%}"
          f"  load {os.getloadavg()[0]:.1f}")  # fmt: skip
    sample = np.flatnonzero(~np.isnan(metres))[:2000]
    near = pairs_within(cells[sample], sites, 5000)
    exact = Geod(ellps="WGS84").inv(*cells[sample][near.cell].T, *sites[near.site].T)[2]
    worst = np.abs(near.distance_m - exact).max()
    print(f"largest difference from the geodesic over {len(exact)} pairs: {worst:.1e} m")


def bench_postgis() -> None:
    """P11: residents within 800 m, 100,000 cells and 50,000 projects, against PostGIS on the ellipsoid."""
    import psycopg

    cells, sites = scatter(100_000, 21, 45, 50, 3, 2), scatter(50_000, 22, 45, 50, 3, 2)
    people = np.random.default_rng(23).integers(0, 60, 100_000)

    def ours() -> Answer:
        return np.array([people[steps(nearest_m(cells, sites)) <= 16].sum()], dtype=float)

    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        with Cluster.open(Path(folder) / "data", "test") as cluster:
            cluster.create_database("bench")
            with psycopg.connect(cluster.conninfo("bench", OWNER)) as connection:
                connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
                for name, points in (("cell", cells), ("site", sites)):
                    connection.execute(f"CREATE TABLE {name} (people int, place geography(Point))")
                    amounts = people if name == "cell" else np.zeros(len(points), int)
                    with connection.cursor().copy(f"COPY {name} FROM STDIN") as copy:
                        for (lon, lat), amount in zip(points.tolist(), amounts.tolist(), strict=True):
                            copy.write_row((amount, f"SRID=4326;POINT({lon!r} {lat!r})"))
                    connection.execute(f"CREATE INDEX ON {name} USING gist (place)")
                connection.commit()
                connection.autocommit = True
                connection.execute("VACUUM ANALYZE cell, site")

                def database() -> Answer:
                    found = connection.execute(
                        "SELECT sum(people) FROM cell WHERE EXISTS"
                        " (SELECT FROM site WHERE ST_DWithin(site.place, cell.place, 800))"
                    ).fetchone()
                    return np.array([0 if found is None else found[0]], dtype=float)

                compare("residents within 800 m, 100,000 x 50,000", ours, database, rounds=3, bar=0.1)


def bench_country() -> None:
    """P12: a million places and 50,000 projects in at most 2 GB."""
    cells, sites = scatter(1_000_000, 31, 45, 50, 8, 5), scatter(50_000, 32, 45, 50, 8, 5)
    people = np.random.default_rng(33).integers(0, 60, 1_000_000)
    start = time.perf_counter()
    result = catchment_by_air(cells, people, sites, np.ones(50_000), threshold_m=2000)
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{'catchment of a country, 1e6 x 50,000':<44} ours {seconds:8.4f} s  memory of the process {memory:.2f} GB"
          f"  bar 2 GB  conserved {conserved(result)}  load {os.getloadavg()[0]:.1f}")  # fmt: skip


def bench_ranks() -> None:
    """Simulated rank ranges of 600 and 20,000 areas; runs as a job."""
    for size in (600, 20_000):
        random = np.random.default_rng(41)
        base = random.integers(50, 5000, size)
        events = random.binomial(base, 0.2)
        start = time.perf_counter()
        simulated_ranks(events, base)
        print(f"{f'rank ranges of {size} areas, 2,000 draws':<44} ours {time.perf_counter() - start:8.4f} s"
              f"  load {os.getloadavg()[0]:.1f}")  # fmt: skip


BENCHES: dict[str, Callable[[], None]] = {
    "catchment": bench_catchment, "hotspots": bench_hotspots, "smoothing": bench_smoothing, "siting": bench_siting,
    "distance": bench_distance, "postgis": bench_postgis, "country": bench_country, "ranks": bench_ranks,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="*", choices=[[], *BENCHES], default=[])
    warnings.simplefilter("ignore")
    for name in parser.parse_args().which or BENCHES:
        BENCHES[name]()


if __name__ == "__main__":
    main()
