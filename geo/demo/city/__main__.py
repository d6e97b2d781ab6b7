"""Write an invented city: `python -m geo.demo.city --seed N --out DIR [--size 1.0]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from geo.demo.city import COMMITTED_SEED
from geo.demo.city.plan import Plan
from geo.demo.city.world import build
from geo.demo.city.write import write


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m geo.demo.city", description="Write an invented city's files.")
    parser.add_argument("--seed", type=int, default=COMMITTED_SEED)
    parser.add_argument("--size", type=float, default=1.0, help="1 is about 300,000 residents in 26 districts")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    write(build(Plan(arguments.seed, arguments.size)), arguments.out)


if __name__ == "__main__":
    main()
