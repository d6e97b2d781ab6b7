"""How does the report of a load read in a terminal? Counts, places, findings with examples, and what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.speech import language, say
from geo.errors import N_

if TYPE_CHECKING:
    from geo.ingest.findings import Finding
    from geo.ingest.pipeline import Loaded

EXAMPLES = 3
COLOURS = {"block": "red", "warn": "yellow", "info": "blue"}
PLACED = {
    "inside": N_("inside"), "near_border": N_("near a border"), "several": N_("in several"), "outside": N_("outside"),
    "no_polygon": N_("boundary not loaded"), "stated": N_("stated by the source"), "no_place": N_("no place"),
}  # fmt: skip


def print_report(loaded: Loaded, *, commit: bool, rejected_to: Path | None) -> None:
    """Everything a person wants to know, the counts first, the next step last."""
    report = loaded.report
    click.echo(click.style(report.file, bold=True))
    counts = {name: counted(getattr(report, name)) for name in ("read", "accepted", "repaired", "rejected")}
    click.echo(say(N_("read {read}, accepted {accepted}, repaired {repaired}, rejected {rejected}"), **counts))
    changes = {name: counted(value) for name, value in report.changes.items()}
    click.echo(say(N_("new {new}, changed {changed}, same {same}, gone {gone}"), **changes))
    if any(report.placed.values()):
        parts = [f"{say(PLACED[name])} {counted(value)}" for name, value in report.placed.items() if value]
        click.echo(say(N_("places: {parts}"), parts=", ".join(parts)))
    print_findings(loaded)
    conclude(loaded, commit=commit, rejected_to=rejected_to)


def counted(value: int) -> str:
    """A whole number as people write it."""
    from maps.text import number

    return number(value, language())


def print_findings(loaded: Loaded) -> None:
    """Findings by code, the worst first, each with a few examples and one remedy."""
    findings = loaded.report.findings
    shown: dict[str, list[Finding]] = {}
    for finding in findings:
        shown.setdefault(finding.code, []).append(finding)
    for code, group in sorted(shown.items(), key=lambda item: list(COLOURS).index(item[1][0].severity.value)):
        severity = group[0].severity.value
        click.echo(f"{click.style(severity, fg=COLOURS[severity])} {code} × {counted(findings.count(code))}")
        print_group(group[:EXAMPLES] if group[0].number is not None else group)


def print_group(group: list[Finding]) -> None:
    """Findings of one code: those that share a way out share its line."""
    remedies = [say(finding.remedy) if finding.remedy.msgid else "" for finding in group]
    for finding, remedy, follows in zip(group, remedies, [*remedies[1:], ""], strict=True):
        click.echo(f"    {where(finding)}{say(finding.message)}")
        if remedy and remedy != follows:
            click.echo(f"    → {remedy}")


def where(finding: Finding) -> str:
    """The row or feature a finding is about."""
    if finding.row is not None:
        return say(N_("row {number}"), number=finding.row) + ": "
    return say(N_("feature {number}"), number=finding.feature) + ": " if finding.feature is not None else ""


def conclude(loaded: Loaded, *, commit: bool, rejected_to: Path | None) -> None:
    """What was written, and what a person may do next."""
    report = loaded.report
    if loaded.run is not None:
        said = N_("Written as import {run} in {seconds} s. `okruga imports undo {run}` takes it back.")
        click.echo(say(said, run=loaded.run, seconds=round(report.seconds, 1)))
    elif report.findings.blocks_file:
        click.echo(say(N_("Nothing was written: see above what has to be settled first.")))
    elif not report.accepted:
        click.echo(say(N_("Nothing was written: no row can be used; see above what has to be mended.")))
    elif commit:
        click.echo(say(N_("Nothing was written: everything is stored already.")))
    else:
        click.echo(say(N_("Nothing was written: this was a trial. Repeat with --commit to write.")))
    if report.rejected and rejected_to is None:
        click.echo(say(N_("--rejected FILE.csv writes the rejected rows with the reasons, to be mended and loaded.")))
    elif report.rejected:
        click.echo(say(N_("Rejected rows are in {file}."), file=rejected_to))
