"""How long does counting a region take, and how soon is the tally right after one entry changes?

python -m benchmarks.tally [--entries 100000]
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

from sqlalchemy import text

from benchmarks.region import region
from geo.analysis.tally import rebuild, settle
from geo.store.engine import Database

RUNS = 7


def one_change(database: Database) -> float:
    """Seconds from committing one changed entry to the settled tally."""
    with database.writing("benchmark") as connection:
        connection.execute(
            text("UPDATE okruga.entry SET theme = CASE theme WHEN 'other' THEN 'environment' ELSE 'other' END"
                 " WHERE id = (SELECT min(id) FROM okruga.entry WHERE register = 'need')")
        )  # fmt: skip
    start = time.perf_counter()
    settle(database)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    entries = parser.parse_args().entries
    with region(entries) as database:
        start = time.perf_counter()
        settle(database)
        print(f"first settling      {time.perf_counter() - start:8.2f} s   ({entries} entries)")
        start = time.perf_counter()
        with database.writing("benchmark") as connection:
            rebuild(connection)
        print(f"whole rebuild       {time.perf_counter() - start:8.2f} s   bar 60 s")
        changes = [one_change(database) for _ in range(RUNS)]
        print(f"after one change    {statistics.median(changes) * 1000:8.1f} ms  bar 200 ms (median of {RUNS})")
        with database.reading() as connection:
            rows = connection.execute(
                text("SELECT (SELECT count(*) FROM published.tally), (SELECT count(*) FROM published.reach)")
            ).one()
        print(f"tally rows {rows[0]}, reach rows {rows[1]}, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
