"""Does every address, written in every form, come back to itself, and never to another house?

    python -m benchmarks.geocode.forms --gazetteer FOLDER
    python -m benchmarks.geocode.forms --invented 2 --streets 200 --houses 12 --seed 5

Every address of the tables is written once in each form of `noise.HOUSE_KINDS` and asked. The forms that spell nothing
wrong must bring it back; the others (a misspelt name, a lost first name) may wait for a person, but not lead elsewhere.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict

from benchmarks.geocode.invented import add_table_arguments, given_tables
from benchmarks.geocode.noise import HOUSE_KINDS, HOUSE_TOLERANCE_M, Query, World, metres, spell
from geo.geocode.answer import Answer
from geo.geocode.engine import Geocoder
from geo.geocode.gazetteer import merged, shipped_gazetteer
from geo.vocabulary import MatchLevel

# what these leave of a name may be another name as well
LOSSY = frozenset(("typo1", "typo2", "combination", "layout", "no_type", "bare", "title_dropped", "initials"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_table_arguments(parser)
    parser.add_argument("--every", type=int, default=1, help="one address in so many")
    parser.add_argument("--wrong", action="store_true", help="list the answers that were another house")
    args = parser.parse_args()
    given = given_tables(args)
    world = World(given, args.seed)
    geocoder = Geocoder(merged([given, shipped_gazetteer()]))
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in world.rows[:: args.every]:
        if not world.is_unique(row):
            continue
        for kind in HOUSE_KINDS:
            query = spell(world, kind, row)
            if query is None:
                continue
            answer = geocoder.geocode(query.query, query.scope)
            verdict = judge(query, answer)
            counts[kind][verdict] += 1
            if args.wrong and verdict == "another house":
                print(f"{kind:14} {query.query!r} [{query.scope}] -> {answer.confidence:.2f} {answer.label}")
    print(report(counts))


def judge(query: Query, answer: Answer) -> str:
    """itself, another house, or refused (which a vaguer answer is, too)."""
    if not answer.accepted or answer.lat is None or answer.lon is None or query.lat is None or query.lon is None:
        return "refused"
    if metres(query.lat, query.lon, answer.lat, answer.lon) <= HOUSE_TOLERANCE_M:
        return "itself"
    return "another house" if answer.level == MatchLevel.HOUSE else "refused"


def report(counts: dict[str, Counter[str]]) -> str:
    """A line per form, then the sums of the exact forms and of those that lose something."""
    lines = [f"{'form':26}{'asked':>8}  itself  another house"]
    exact = [kind for kind in counts if kind not in LOSSY]
    for name, kinds in [*((kind, [kind]) for kind in counts), ("EXACT FORMS", exact), ("LOSSY FORMS", [*LOSSY])]:
        together = sum((counts[kind] for kind in kinds if kind in counts), Counter[str]())
        asked = together.total()
        if asked:
            lines.append(f"{name:26}{asked:8}  {together['itself'] / asked:.4f}  {together['another house']}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
