"""What stands on the pages of loading? The outcome of a check, kept as JSON, turned into what templates draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from geo.errors import N_, Message
from geo.ingest import waiting
from geo.ingest.columns import fields as fields_of
from geo.ingest.mend import TITLES as MENDS
from geo.ingest.rows import NAME_OR_STATE
from geo.ingest.staging import Folder
from geo.ingest.told import told
from geo.registers import BY_PLURAL
from geo.store.runs import RunNote
from geo.store.uploads import Upload
from geo.vocabulary import TerritoryKind
from maps.imports import (
    Choice,
    ColumnRow,
    Counts,
    Difference,
    DifferenceRow,
    FoundGroup,
    FoundRow,
    LoadRow,
    Question,
    TableRow,
    UploadPage,
    UploadRow,
)
from maps.layout import Frame
from maps.text import Title

Json = Mapping[str, Any]
ABOVE_THE_COLUMN = N_("Say above the column what it means, or state one value for all rows.")
# what to do, said for a page instead of a command line
ON_A_PAGE: dict[str, str] = {
    "Choose one with --layer.": N_("Choose one of them."),
    "Choose one with --sheet.": N_("Choose one of them."),
    "Name it with --map {field}=COLUMN. Its columns are: {columns}.": ABOVE_THE_COLUMN,
    "Perhaps {close}? Name it with --map {field}=COLUMN. Its columns are: {columns}.": ABOVE_THE_COLUMN,
    NAME_OR_STATE: ABOVE_THE_COLUMN,
    "Name it with --map residents=COLUMN (or residents_16, voters). Its columns are: {columns}.": ABOVE_THE_COLUMN,
    "Load one year after the other: --map residents={year} --set year={year}.": N_(
        "Load one year after the other: say above its column that it is residents, and state the year for all rows."
    ),
    "If one of them matters, use it with --map FIELD=COLUMN.": N_(
        "If one of them matters, say above it what it means."
    ),
    "Load the same file once more: okruga load population FILE --kind {kind} --set year=YEAR.": N_(
        "Send the same file once more as residents, with the kind of the territories and the year."
    ),
    "If each is a territory, say which kind with --kind KIND.": N_("If each is a territory, choose its kind below."),
    "Fill it in, or name the column that holds it with --map.": ABOVE_THE_COLUMN,
    "Name the column with --map {field}=COLUMN, or say it for all rows with --set {field}=VALUE.": ABOVE_THE_COLUMN,
    "Use it with --map {field}={column}.": N_("Choose that meaning above the column if it is right."),
    "Name the column that identifies a row with --key COLUMN, so that changed rows are recognised.": N_(
        "Choose the column that identifies a row, so that changed rows are recognised."
    ),
    "They stay as they are; --delete-gone removes them.": N_("They stay as they are; a tick below removes them."),
    "They stay as they are; --delete-gone with --valid-from ends them the day before.": N_(
        "They stay as they are; a tick and a first day below end them the day before."
    ),
    "State it with --crs EPSG:N.": N_("State the coordinate system below."),
    "State the encoding with --encoding, or save the file as UTF-8.": N_(
        "State the encoding below, or save the file as UTF-8."
    ),
    "Ask the author (local systems like MSK are common); state it with --crs EPSG:N or convert to WGS 84.": N_(
        "Ask the author (local systems like MSK are common); state it below or convert to WGS 84."
    ),
    "Give it with --kind.": N_("Choose the kind of the territories below."),
    "State another one with --parent if that is wrong.": N_("State another parent below if that is wrong."),
    "Check the coordinate system, and --within or --parent.": N_(
        "Check the coordinate system, and where the file is said to lie."
    ),
    "Check the coordinates, or the territory named by --within or --parent.": N_(
        "Check the coordinates, or where the file is said to lie."
    ),
    "Give the day from which it holds: a column valid_from or --valid-from.": N_(
        "Give the day from which it holds: a column for it, or the field below."
    ),
    "If the stored one was wrong, load with --correct; if the border changed, give the day of the change.": N_(
        "If the stored one was wrong, tick the replacement below; if the border changed, give the day of the change."
    ),
}


def on_a_page(remedy: Any) -> Title:
    """What to do, in the words of a page."""
    said = told(remedy)
    if isinstance(said, Message) and said.msgid in ON_A_PAGE:
        return Message(ON_A_PAGE[said.msgid], said.params)
    return said if isinstance(said, Message) else str(said or "")


TITLES: dict[str, str] = {
    "boundaries": N_("boundaries of territories"), "population": N_("residents, by territory or by cells"),
    "territories": N_("territories by name only"), "context": N_("backdrop of the maps"),
    "gazetteer": N_("address lists (gazetteer)"), "cells": N_("residents by cells"),
    "groups": N_("groups of territories"),
}  # fmt: skip
# in the order in which a city begins
ORDER = ("boundaries", "population", "projects", "needs", "events", "organisations", "observations", "gazetteer",
         "territories", "groups", "context")  # fmt: skip
SEVERITY_ORDER = {"block": 0, "warn": 1, "info": 2}
OFFERS = ("crs_offered", "encoding_offered", "swap_offered", "column_offered")


def title_of(register: str, kind: str = "") -> Title:
    """What is loaded, in words."""
    if kind in TerritoryKind.codes() and register in ("boundaries", "territories"):
        return TerritoryKind(kind)
    if register in BY_PLURAL:
        return BY_PLURAL[register].title_plural
    return TITLES.get(register, register)


def registers() -> tuple[tuple[str, Title], ...]:
    """What can be loaded, with titles."""
    known = [name for name in ORDER if name in waiting.REGISTERS]
    rest = [name for name in waiting.REGISTERS if name not in known]
    return tuple((name, title_of(name)) for name in (*known, *rest))


def field_title(code: str, headings: Sequence[str], lang: str) -> str:
    """A field by the heading people know it by."""
    return headings[0] if lang == "ru" and headings else code.replace("_", " ")


def upload_row(upload: Upload, frame: Frame) -> UploadRow:
    """A file that waits, in a list."""
    return UploadRow(
        href=frame.href(f"/steward/uploads/{upload.id}"), file=upload.file_name,
        what=title_of(str(upload.options.get("register", "")), str(upload.options.get("kind", ""))),
        state=upload.state, actor=upload.actor, sent_at=upload.created_at, expires_at=upload.expires_at,
    )  # fmt: skip


def load_row(run: RunNote, frame: Frame, *, undoable: bool = False) -> LoadRow:
    """A load that was made, in a list."""
    return LoadRow(
        href=frame.href(f"/steward/imports/{run.id}"), id=run.id, what=title_of(run.register, run.kind or ""),
        file=run.file_name, source=run.source, actor=run.actor, committed_at=run.committed_at, undone=run.undone,
        undoable=undoable, demo=run.demo, accepted=run.report.get("accepted"), rejected=run.report.get("rejected"),
    )  # fmt: skip


# --- the page of a file -----------------------------------------------------------------------------------------------


def with_outcome(page: UploadPage, upload: Upload) -> UploadPage:
    """The page of a file with what was found out about it, or with how far the work on it is."""
    folder = Folder.named(upload.folder)
    if page.working:
        told_so_far = folder.read("progress")
        return replace(
            page, step=told_so_far.get("title", ""), done=told_so_far.get("done", 0), of=told_so_far.get("of", 0)
        )
    outcome = folder.read("outcome")
    page = replace(page, seen=str(outcome.get("seen", "")), notice=told(outcome.get("stopped", "")))
    if "error" in outcome:
        error = outcome["error"]
        page = replace(page, problem=told(error["message"]), remedy=on_a_page(error["remedy"]))
    if "read" in outcome:
        page = replace(page, counts=counts(outcome), blocked=outcome["blocked"], groups=groups(outcome))
    return with_table(replace(page, questions=tuple(questions(outcome))), outcome, upload)


def with_table(page: UploadPage, outcome: Json, upload: Upload) -> UploadPage:
    """The same with the table, the fields its columns may be, and the map."""
    register = str(outcome.get("register", ""))
    known = fields_of(register) if outcome.get("columns") and register else ()
    names = {info.code: field_title(info.code, info.headings, page.lang) for info in known}
    meant = {column["field"] for column in outcome.get("columns", ())}
    return replace(
        page,
        columns=tuple(
            ColumnRow(name=c["name"], field=c["field"], offer=c["offer"], samples=tuple(c["samples"]))
            for c in outcome.get("columns", ())
        ),
        fields=tuple(names.items()),
        required=tuple((info.code, names[info.code]) for info in known if info.required and info.code not in meant),
        rows=tuple(table_row(row) for row in outcome.get("rows", ())),
        understood_fields=tuple(names.get(name, name) for name in outcome.get("fields", ())),
        understood=tuple(table_row(row) for row in outcome.get("understood", ())),
        unit=str(outcome.get("unit", "row")),
        file_format=str(outcome.get("format", "")),
        difference=difference(outcome),
        has_map=bool(outcome.get("has_map")),
        has_rejected=bool(outcome.get("has_rejected")) and Folder.named(upload.folder).rejected.is_file(),
    )


def table_row(row: Json) -> TableRow:
    """A row as read or as understood."""
    return TableRow(number=row["number"], cells=tuple(map(told, row["cells"])), state=row.get("state", ""))


def counts(outcome: Json) -> Counts:
    """What a load came to."""
    return Counts(
        read=outcome.get("read", 0), accepted=outcome.get("accepted", 0), repaired=outcome.get("repaired", 0),
        rejected=outcome.get("rejected", 0), changes=outcome.get("changes", {}), placed=outcome.get("placed", {}),
        seconds=outcome.get("seconds", 0.0),
    )  # fmt: skip


def difference(outcome: Json) -> Difference | None:
    """How the boundaries differ, when the file is of boundaries."""
    found = outcome.get("difference")
    if not found:
        return None
    rows = tuple(
        DifferenceRow(
            name=row["name"], state=row["word"], area_m2=row["area_m2"], before_m2=row["before_m2"],
            residents=row["residents"], ties=tuple(map(told, row["ties"])),
        )
        for row in found["rows"]
    )  # fmt: skip
    return Difference(counts=found["counts"], rows=rows, more=found["more"])


def groups(outcome: Json) -> tuple[FoundGroup, ...]:
    """Findings by code, the gravest first; offers stand above as questions."""
    by_code: dict[tuple[str, str], list[Json]] = {}
    for finding in outcome.get("findings", ()):
        if finding["code"] not in OFFERS[:3]:
            by_code.setdefault((finding["severity"], finding["code"]), []).append(finding)
    ordered = sorted(by_code.items(), key=lambda item: SEVERITY_ORDER[item[0][0]])
    totals = outcome.get("totals", {})
    return tuple(
        FoundGroup(
            severity=severity, code=code, rows=tuple(found_rows(rows)), remedy=common_remedy(rows), listed=len(rows),
            count=max(totals.get(code, 0), len(rows)) if severities(outcome, code) == 1 else len(rows),
        )
        for (severity, code), rows in ordered
    )  # fmt: skip


def severities(outcome: Json, code: str) -> int:
    """Under how many severities a code was found; the totals do not tell them apart."""
    return len({finding["severity"] for finding in outcome["findings"] if finding["code"] == code})


def common_remedy(rows: Iterable[Json]) -> Title:
    """What to do, said once for the group."""
    return next((on_a_page(row["remedy"]) for row in rows if row["remedy"]), "")


def found_rows(findings: Iterable[Json]) -> Iterable[FoundRow]:
    """Findings as lines; those that say the very same and have no place of their own share one."""
    lines: dict[object, FoundRow] = {}
    for finding in findings:
        row = found_row(finding)
        alone = row.at is not None or row.mends
        key = id(finding) if alone else (str(finding["message"]), row.value, row.area_m2)
        first = lines.get(key)
        lines[key] = row if first is None else replace(first, numbers=(*first.numbers, *row.numbers))
    return lines.values()


def found_row(finding: Json) -> FoundRow:
    """One finding."""
    mends = tuple((mend, MENDS.get(mend.partition(":")[0], mend)) for mend in finding.get("mends", ()))
    numbers = () if finding["number"] is None else (finding["number"],)
    return FoundRow(
        sentence=told(finding["message"]), numbers=numbers, field=finding["field"], value=finding["value"],
        area_m2=finding["area_m2"], at=finding.get("at"), mends=mends,
    )  # fmt: skip


def questions(outcome: Json) -> Iterable[Question]:
    """What only a person can say: which layer, which coordinate system, which encoding, exchanged axes or not."""
    if outcome.get("layers"):
        choices = tuple(Choice(value=name, title=name, chosen=at == 0) for at, name in enumerate(outcome["layers"]))
        yield Question(name="layer", sentence=told(outcome["error"]["message"]), choices=choices)
    for offer in outcome.get("offers", ()):
        if not offer["accepted"]:
            yield question(offer)


def question(offer: Json) -> Question:
    """An offer as a question: what is likely first, then the next likely ones."""
    if offer["kind"] == "swap":
        choices = (
            Choice(value="yes", title=N_("Exchange them"), chosen=True, preview=tuple(offer["preview"])),
            Choice(value="", title=N_("Leave them as they are")),
        )
        return Question(name="swap", sentence=told(offer["reason"]), choices=choices)
    likely = Choice(value=offer["value"], title=offer["value"], chosen=True, preview=tuple(offer["preview"]))
    others = tuple(
        Choice(value=other["value"], title=other["value"], preview=tuple(other["preview"])) for other in offer["others"]
    )
    return Question(name=offer["kind"], sentence=told(offer["reason"]), choices=(likely, *others))


# --- loads ------------------------------------------------------------------------------------------------------------


def run_groups(run: RunNote) -> tuple[FoundGroup, ...]:
    """The findings of a load that was made, as its record keeps them."""
    listed = [
        {
            "severity": finding["severity"], "code": finding["code"], "field": finding.get("field", ""),
            "number": finding.get("row", finding.get("feature")), "value": finding.get("value", ""), "mends": (),
            "message": {"m": finding.get("msgid", ""), "p": finding.get("params", {})},
            "remedy": {"m": finding["remedy_msgid"], "p": finding.get("params", {})}
            if finding.get("remedy_msgid") else None,
            "area_m2": finding.get("area_m2"),
        }
        for finding in run.report.get("findings", ())
    ]  # fmt: skip
    return groups({"findings": listed, "totals": run.report.get("findings_total", {})})
