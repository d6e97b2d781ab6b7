"""How many answers are right, how many were wrongly accepted, and does the confidence keep its word?

A row is correct when it was accepted within the tolerance and not finer than the text (a missing house must not come
back as a house), when an ambiguous text was called ambiguous, when a refusal was not accepted. Wrongly accepted is any
accepted row that is not correct. Both are counted over all rows and per kind, at one threshold: the engine's own.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.geocode.noise import HOUSE_KINDS, Query, metres
from geo.geocode.answer import Answer

FINENESS = {"point": 5, "house": 4, "poi": 4, "house_group": 3, "interpolated": 3, "street": 2, "settlement": 1, "area": 1,
            "district": 1, "none": 0}  # fmt: skip
# a person has to confirm these, so being found is enough
_FOUND_IS_ENOUGH = frozenset({"partial_unknown_part", "coordinates_swapped"})


@dataclass
class Score:
    """Counts by kind; rows hold the verdict of every query for inspection."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    accepted: list[tuple[float, bool]] = field(default_factory=list)
    rows: list[tuple[Query, Answer | GivenAnswer, bool, bool]] = field(default_factory=list)

    def share(self, name: str, of: str = "correct") -> float:
        """A share of the rows of a kind, of "ALL", "HOUSE" rows, or of an expectation ("=refuse")."""
        counts = self.counts[name]
        return counts[of] / counts["rows"] if counts["rows"] else float("nan")

    def precision(self, at_least: float) -> float:
        """Share of right answers among those accepted with at least this confidence."""
        kept = [right for confidence, right in self.accepted if confidence >= at_least]
        return sum(kept) / len(kept) if kept else float("nan")


def score(queries: Sequence[Query], answers: Iterable[Answer | GivenAnswer]) -> Score:
    """Compare answers with what was expected, in order."""
    result = Score()
    for query, answer in zip(queries, answers, strict=True):
        correct, wrong = judge(query, answer)
        groups = [query.kind, "ALL", f"={query.expect}"] + (["HOUSE"] if query.kind in HOUSE_KINDS else [])
        for group in groups:
            result.counts[group]["rows"] += 1
            result.counts[group]["correct"] += correct
            result.counts[group]["wrong"] += wrong
        if answer.accepted:
            result.accepted.append((answer.confidence, not wrong))
        result.rows.append((query, answer, correct, wrong))
    return result


def judge(query: Query, answer: Answer | GivenAnswer) -> tuple[bool, bool]:
    """(correct, wrongly accepted) for one row."""
    accepted = answer.accepted
    if query.expect == "ambiguous":
        return answer.status == "ambiguous", accepted
    if query.expect == "refuse":
        return not accepted, accepted
    hit = (
        answer.lat is not None and answer.lon is not None and query.lat is not None and query.lon is not None
        and metres(query.lat, query.lon, answer.lat, answer.lon) <= (query.tolerance_m or 0)
    )  # fmt: skip
    too_fine = query.level in ("street", "house_group", "settlement") and FINENESS[answer.level] > FINENESS[query.level]
    right = hit and not too_fine
    return (right if query.kind in _FOUND_IS_ENOUGH else accepted and right), accepted and not right


def report(result: Score) -> str:
    """A table for people: per kind and in all, then the bars."""
    lines = [f"{'kind':26}{'rows':>6}  correct  wrongly accepted"]
    for name in sorted(result.counts, key=lambda name: (name[0] in "=AH" and name.upper() == name, name)):
        counts = result.counts[name]
        lines.append(f"{name:26}{counts['rows']:6}  {result.share(name):.4f}   {result.share(name, 'wrong'):.4f}")
    lines.append(f"precision of accepted {result.precision(0):.4f}; at confidence >= 0.9 {result.precision(0.9):.4f}")
    return "\n".join(lines)


def write_answers(path: Path, queries: Sequence[Query], answers: Iterable[Answer]) -> None:
    """answers.csv of the test-set format: id, status, lat, lon, level, confidence."""
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(("id", "status", "lat", "lon", "level", "confidence"))
        for query, answer in zip(queries, answers, strict=True):
            lat, lon = ("", "") if answer.lat is None else (answer.lat, answer.lon)
            writer.writerow((query.id, answer.status.value, lat, lon, answer.level.value, answer.confidence))


@dataclass(frozen=True)
class GivenAnswer:
    """An answer of another geocoder, read from a file of the test-set format."""

    status: str
    lat: float | None
    lon: float | None
    level: str
    confidence: float

    @property
    def accepted(self) -> bool:
        """Whether the other geocoder gave it as the answer."""
        return self.status == "accepted"


def read_answers(path: Path, queries: Sequence[Query]) -> list[GivenAnswer]:
    """answers.csv in the order of the queries; a missing row is no answer."""
    with path.open(encoding="utf-8", newline="") as source:
        rows = {row["id"]: row for row in csv.DictReader(source)}
    nothing = {"status": "unmatched", "lat": "", "lon": "", "level": "none", "confidence": "0"}
    found = (rows.get(query.id, nothing) for query in queries)
    return [
        GivenAnswer(
            row["status"], float(row["lat"]) if row["lat"] else None, float(row["lon"]) if row["lon"] else None,
            row["level"], float(row["confidence"] or 0),
        )
        for row in found
    ]  # fmt: skip


def read_queries(path: Path) -> list[Query]:
    """queries.csv of the test-set format."""
    with path.open(encoding="utf-8", newline="") as source:
        return [_query(row) for row in csv.DictReader(source)]


def _query(row: Mapping[str, str]) -> Query:
    def number(column: str) -> float | None:
        return float(row[column]) if row.get(column) else None

    return Query(
        row["id"], row["query"], row["scope"], row["expect"], number("lat"), number("lon"), number("tolerance_m"),
        row["level"], row["kind"], row.get("gazetteer_id", ""), row.get("note", ""),
    )  # fmt: skip
