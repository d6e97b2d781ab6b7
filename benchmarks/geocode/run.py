"""Measure the geocoder on any address table:

    python -m benchmarks.geocode.run --gazetteer FOLDER [--seed N] [--per-kind N] [--withhold SHARE] [--only-city NAME]
    python -m benchmarks.geocode.run --invented 4 --streets 600          # invented cities instead of a folder, or beside
    python -m benchmarks.geocode.run --queries queries.csv --gazetteer FOLDER --answers answers.csv

Prints correctness per kind, the precision of confident answers, latency and throughput in one process, and the time
and memory of building the index. With --wrong the rows that were not correct are listed.
"""

from __future__ import annotations

import argparse
import gc
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.geocode.invented import add_table_arguments, given_tables
from benchmarks.geocode.noise import Query, as_table, make_queries, withhold
from benchmarks.geocode.scoring import read_answers, read_queries, report, score, write_answers
from geo.geocode.answer import Answer
from geo.geocode.engine import Geocoder
from geo.geocode.gazetteer import Gazetteer, merged, shipped_gazetteer


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_table_arguments(parser)
    parser.add_argument("--only-city", default="")
    parser.add_argument("--noise-seed", type=int, help="another seed for the noise than for the cities")
    parser.add_argument("--per-kind", type=int, default=100)
    parser.add_argument("--withhold", type=float, default=0.0, help="share of streets the engine is not given")
    parser.add_argument("--without-shipped", action="store_true", help="leave the shipped settlements out")
    parser.add_argument("--queries", type=Path, help="a test set instead of generated noise")
    parser.add_argument("--write-queries", type=Path)
    parser.add_argument("--answers", type=Path)
    parser.add_argument("--score", type=Path, help="score the answers of another geocoder to --queries")
    parser.add_argument("--wrong", action="store_true", help="list the rows that were not correct")
    return parser.parse_args()


def main() -> None:
    args = arguments()
    if args.score:
        queries = read_queries(args.queries)
        print(report(score(queries, read_answers(args.score, queries))))
        return
    given = given_tables(args)
    if args.only_city:
        given = only_city(given, args.only_city)
    known, gone = withhold(given, args.withhold, args.seed) if args.withhold else (given, None)
    gazetteer = known if args.without_shipped else merged([known, shipped_gazetteer()])
    geocoder = _build(gazetteer)
    noise_seed = args.seed if args.noise_seed is None else args.noise_seed
    queries = read_queries(args.queries) if args.queries else make_queries(gazetteer, noise_seed, args.per_kind, gone)
    answers, seconds, working = answer_all(geocoder, queries)
    result = score(queries, answers)
    print(report(result))
    _print_times(seconds, working)
    if args.wrong:
        _print_wrong(result.rows)
    if args.write_queries:
        as_table(queries).to_csv(args.write_queries, index=False)
    if args.answers:
        write_answers(args.answers, queries, answers)


def only_city(gazetteer: Gazetteer, city: str) -> Gazetteer:
    """The same gazetteer with streets, addresses and objects of one city."""
    tables: dict[str, Any] = {name: gazetteer.table(name) for name in ("streets", "addresses", "pois", "areas")}
    return replace(gazetteer, **{n: t[t["city"] == city].reset_index(drop=True) for n, t in tables.items()})


def _build(gazetteer: Gazetteer) -> Geocoder:
    gc.collect()
    before, start, working = resident_mb(), time.perf_counter(), time.process_time()
    geocoder = Geocoder(gazetteer)
    seconds, working = time.perf_counter() - start, time.process_time() - working
    gc.collect()
    # as the service does (geo.geocode.current)
    gc.freeze()
    print(
        f"index: {len(gazetteer.addresses)} addresses, {len(geocoder.index.places)} places, "
        f"{len(geocoder.index.settlements)} settlements, {seconds:.2f} s ({working:.2f} s of the processor), "
        f"{resident_mb() - before:.0f} MB"
    )
    return geocoder


def resident_mb() -> float:
    """Memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


def answer_all(geocoder: Geocoder, queries: list[Query]) -> tuple[list[Answer], list[float], float]:
    """Every query once, with the seconds of each by the clock and of all on the processor (the sums differ when others
    use the machine, too; the processor's clock is too slow to be read for each); the first hundred warm the caches and
    are asked again."""
    for query in queries[:100]:
        geocoder.geocode(query.query, query.scope)
    answers, seconds, begun = [], [], time.process_time()
    for query in queries:
        start = time.perf_counter()
        answers.append(geocoder.geocode(query.query, query.scope))
        seconds.append(time.perf_counter() - start)
    return answers, seconds, time.process_time() - begun


def _print_times(seconds: list[float], working: float) -> None:
    ms = np.array(seconds) * 1000
    print(
        f"{len(ms)} queries: p50 {np.percentile(ms, 50):.2f} ms, p95 {np.percentile(ms, 95):.2f} ms, "
        f"p99 {np.percentile(ms, 99):.2f} ms; {1000 / ms.mean():.0f} queries/s by the clock, "
        f"{len(ms) / working:.0f} by the processor"
    )


def _print_wrong(rows: list[tuple[Query, Any, bool, bool]]) -> None:
    for query, answer, correct, wrong in rows:
        if not correct:
            mark = "WRONG" if wrong else "miss "
            print(f"{mark} {query.kind:22} {query.query!r} [{query.scope}] -> {answer.status.value} {answer.level.value} "
                  f"{answer.confidence:.2f} {answer.label} | {answer.why}")  # fmt: skip


if __name__ == "__main__":
    main()
