"""What was found while reading and checking a file, and what did the whole load come to?

A `Finding` is one sentence about one row, feature or the whole file, with its remedy. `Findings` counts all of
them and keeps the first ones of every code, so a million bad rows cost little. An `Offer` is a guess (coordinate
system, encoding, swapped axes) that is shown and waits for a yes. `Report` is the JSON of `okruga load --report`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal

from geo.errors import N_, Message

NOTHING = Message("")
KEPT_PER_CODE = 200
VALUE_LENGTH = 120

Translate = Callable[[Message], str]
Unit = Literal["row", "feature"]


class Severity(StrEnum):
    """What a finding does to its row: `block` refuses it, `warn` lets it in visibly, `info` is a note."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation. `row` counts as a spreadsheet does (headings included), `feature` counts shapes from 1.

    A blocking finding with a row or feature rejects that one; without either it stops the whole load.
    `geometry` is WGS 84 lon/lat for a map, `area_m2` square metres, `others` the numbers of neighbours involved,
    `mends` names what geo.ingest.mend could do about it.
    """

    severity: Severity
    code: str
    message: Message
    remedy: Message = NOTHING
    row: int | None = None
    feature: int | None = None
    field: str = ""
    value: str = ""
    geometry: Any = None
    area_m2: float | None = None
    others: tuple[int, ...] = ()
    mends: tuple[str, ...] = ()

    @property
    def number(self) -> int | None:
        """The row or feature it is about, None for the whole file."""
        return self.row if self.row is not None else self.feature

    def at(self, unit: Unit, number: int) -> Finding:
        """The same finding about a row or feature."""
        return replace(self, row=number, feature=None) if unit == "row" else replace(self, row=None, feature=number)

    def to_json(self, translate: Translate = str) -> dict[str, Any]:
        """The finding as the report shows it; empty parts are left out."""
        place = {"row": self.row} if self.row is not None else {"feature": self.feature}
        found: dict[str, Any] = {"severity": self.severity.value, "code": self.code, **place}
        found |= {"field": self.field, "value": short(self.value), "message": translate(self.message)}
        found["remedy"] = translate(self.remedy) if self.remedy.msgid else ""
        if self.area_m2 is not None:
            found["area_m2"] = round(self.area_m2, 1)
        if self.others:
            found["others"] = list(self.others)
        if self.mends:
            found["mends"] = list(self.mends)
        return found


class Findings:
    """All findings of a load: every one counted, the first `keep` of each code kept for reading."""

    def __init__(self, findings: Iterable[Finding] = (), *, keep: int = KEPT_PER_CODE) -> None:
        self.keep = keep
        self.kept: list[Finding] = []
        self.blocked: set[int] = set()
        self.blocks_file = False
        self._counts: Counter[tuple[str, Severity]] = Counter()
        self._kept_of: Counter[str] = Counter()
        self.extend(findings)

    def add(self, finding: Finding) -> None:
        """Count the finding, and keep it while there is room for its code."""
        self._counts[finding.code, finding.severity] += 1
        if self._kept_of[finding.code] < self.keep:
            self._kept_of[finding.code] += 1
            self.kept.append(finding)
        if finding.severity is Severity.BLOCK:
            self._block(finding.number)

    def _block(self, number: int | None) -> None:
        if number is None:
            self.blocks_file = True
        else:
            self.blocked.add(number)

    def add_many(self, finding: Finding, numbers: Iterable[int], unit: Unit) -> None:
        """The same finding for many rows: kept for the first ones, counted and blocked for all."""
        for number in numbers:
            if self._kept_of[finding.code] < self.keep:
                self.add(finding.at(unit, int(number)))
                continue
            self._counts[finding.code, finding.severity] += 1
            if finding.severity is Severity.BLOCK:
                self.blocked.add(int(number))

    def extend(self, findings: Iterable[Finding] | Findings) -> None:
        """Take over other findings, with what they counted beyond what they kept."""
        if not isinstance(findings, Findings):
            for finding in findings:
                self.add(finding)
            return
        before = self._counts + findings._counts
        for finding in findings.kept:
            self.add(finding)
        self._counts = before
        self.blocked |= findings.blocked
        self.blocks_file |= findings.blocks_file

    def drop(self, code: str) -> None:
        """Forget a code: what it said has been settled (an offer was accepted)."""
        self.kept = [finding for finding in self.kept if finding.code != code]
        self._kept_of.pop(code, None)
        for key in [key for key in self._counts if key[0] == code]:
            del self._counts[key]
        self.blocks_file = any(f.severity is Severity.BLOCK and f.number is None for f in self.kept)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.kept)

    def __len__(self) -> int:
        return self._counts.total()

    def count(self, code: str | None = None, severity: Severity | None = None) -> int:
        """How many were added, of this code and severity when given."""
        return sum(
            number
            for (its_code, its_severity), number in self._counts.items()
            if code in (None, its_code) and severity in (None, its_severity)
        )

    def by_code(self) -> dict[str, int]:
        """Code -> number of findings, most frequent first."""
        totals: Counter[str] = Counter()
        for (code, _), number in self._counts.items():
            totals[code] += number
        return dict(totals.most_common())

    def to_json(self, translate: Translate = str) -> list[dict[str, Any]]:
        """The kept findings for the report, blocking ones first, otherwise in file order."""
        rank = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.INFO: 2}
        return [f.to_json(translate) for f in sorted(self.kept, key=lambda f: rank[f.severity])]


def short(value: str) -> str:
    """A value short enough for a report line."""
    return value if len(value) <= VALUE_LENGTH else value[: VALUE_LENGTH - 1] + "…"


OfferKind = Literal["crs", "encoding", "swap"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A guess that waits for a yes: `value` is what would be used, `preview` how the data look with it."""

    kind: OfferKind
    value: str
    reason: Message
    accepted: bool = False
    preview: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def finding(self) -> Finding:
        """The offer as a finding: it stops the load until somebody says yes."""
        if self.accepted:
            return Finding(Severity.INFO, f"{self.kind}_accepted", self.reason, value=self.value)
        remedy = Message(
            N_("Repeat with --yes to accept {value}, or state it with --{option}."),
            {"value": self.value, "option": "crs" if self.kind == "swap" else self.kind},
        )
        return Finding(Severity.BLOCK, f"{self.kind}_offered", self.reason, remedy, value=self.value)

    def to_json(self, translate: Translate = str) -> dict[str, Any]:
        """The offer for a page: value, sentence, preview lines, alternatives."""
        return {
            "kind": self.kind,
            "value": self.value,
            "accepted": self.accepted,
            "reason": translate(self.reason),
            "preview": list(self.preview),
            "others": list(self.others),
        }


@dataclass(slots=True)
class Report:
    """What a load came to, in the shape promised for `--report`."""

    file: str
    register: str = ""
    kind: str = ""
    committed: bool = False
    read: int = 0
    accepted: int = 0
    repaired: int = 0
    rejected: int = 0
    changes: dict[str, int] = field(default_factory=lambda: {"new": 0, "changed": 0, "same": 0, "gone": 0})
    offered: dict[str, Any] = field(default_factory=lambda: {"crs": None, "encoding": None, "swap": False})
    placed: dict[str, int] = field(default_factory=dict)
    addresses: dict[str, Any] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    seconds: float = 0.0

    @property
    def exit_status(self) -> int:
        """0 all rows went in (or would), 1 something was rejected or stops the load."""
        return 1 if self.rejected or self.findings.blocks_file else 0

    def to_json(self, translate: Translate = str) -> dict[str, Any]:
        """The report object; `findings_total` tells how many findings there are beyond those listed."""
        subject = {"kind": self.kind} if self.kind else {"register": self.register}
        return {
            "file": self.file,
            **subject,
            "committed": self.committed,
            "read": self.read,
            "accepted": self.accepted,
            "repaired": self.repaired,
            "rejected": self.rejected,
            "changes": dict(self.changes),
            "offered": dict(self.offered),
            "placed": dict(self.placed),
            **({"addresses": dict(self.addresses)} if self.addresses else {}),
            "findings": self.findings.to_json(translate),
            "findings_total": self.findings.by_code(),
            "seconds": round(self.seconds, 3),
        }


def offered(offers: Iterable[Offer]) -> Mapping[str, Any]:
    """The `offered` part of the report: the values that were proposed, accepted or not."""
    values: dict[str, Any] = {"crs": None, "encoding": None, "swap": False}
    for offer in offers:
        values[offer.kind] = True if offer.kind == "swap" else offer.value
    return values
