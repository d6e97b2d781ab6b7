"""What happens to a file that was sent through the browser? It is looked at, answered about, loaded: by the pipeline.

Nothing here knows how to load: `check` is a dry run whose preview is kept beside the file, `commit` is the same load
with writing. Both say what they found in the same words, so that a page can show either.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from geo.errors import N_, BadFile, Message, OkrugaError
from geo.ingest import pipeline, preview
from geo.ingest.check import Rejected
from geo.ingest.findings import Finding, Report, Severity
from geo.ingest.gazetteer import GazetteerLoad, load_gazetteer
from geo.ingest.pipeline import Loaded, Seen
from geo.ingest.readers import ChooseLayer
from geo.ingest.request import Request
from geo.ingest.staging import Folder, Told
from geo.ingest.told import kept
from geo.store.engine import Database
from geo.store.uploads import Upload
from geo.vocabulary import TerritoryKind

GAZETTEER = "gazetteer"
REGISTERS = (*pipeline.REGISTERS, GAZETTEER)
TEXTS = ("section", "key", "layer", "sheet", "crs", "encoding", "delimiter", "within", "parent", "source", "licence",
         "publisher", "url", "act")  # fmt: skip
FLAGS = ("correct", "delete_gone", "partial", "public_objects")
Say = Callable[[Message], str]
Json = dict[str, Any]


def request_of(upload: Upload, path: Path) -> Request:
    """The load that was asked for. Raises BadInput for a kind that does not exist."""
    options = upload.options
    kind = str(options.get("kind", ""))
    plain: dict[str, Any] = {name: str(options.get(name, "")) for name in TEXTS}
    plain |= {name: bool(options.get(name)) for name in FLAGS}
    plain |= {name: day(options, name) for name in ("valid_from", "valid_to")}
    return Request(
        path=path, register=str(options.get("register", "")),
        kind=TerritoryKind(kind) if kind in TerritoryKind.codes() else None, file_name=upload.file_name,
        fields=dict(options.get("fields", {})), constants=dict(options.get("constants", {})),
        mends=tuple(options.get("mends", ())), accept=bool(options.get("swap")),
        web=True, actor=upload.actor, account_id=upload.account_id, upload=upload.id, **plain,
    )  # fmt: skip


def day(options: Mapping[str, Any], name: str) -> date | None:
    """A date among the options."""
    return date.fromisoformat(options[name]) if options.get(name) else None


def path_of(upload: Upload) -> Path:
    """The file to load. Raises BadFile when it is gone."""
    folder = Folder.named(upload.folder)
    if not folder.has(upload.file_name):
        raise BadFile(N_("The file {file} is not here any more."), remedy=N_("Send it again."), file=upload.file_name)
    return folder.files if upload.options.get("together") else folder.files / upload.file_name


def check(database: Database, upload: Upload, say: Say) -> None:
    """Look at the file as the options say and keep what there is to show. Never raises for what is the file's fault."""
    folder = Folder.named(upload.folder)
    folder.drop("outcome")  # the map stays until the next one: a page that is open may be drawing it
    # what was seen before it went wrong: headings can be given their meaning without a single usable row
    shown: list[tuple[Json, Json]] = []
    rejected = None
    try:
        page, drawn, rejected = looked_at(database, upload, Told(folder), shown)
    except OkrugaError as error:
        page, drawn = (shown[-1][0] if shown else {}) | failure(error), {}
        if isinstance(error, ChooseLayer):
            page["layers"] = list(error.names)
    keep(folder, page, drawn, rejected, say)


def keep(folder: Folder, page: Json, drawn: Json, rejected: Any, say: Say) -> None:
    """Write down what the page and its map show; the outcome last, because it says that the rest is there."""
    folder.rejected.unlink(missing_ok=True)
    if rejected is not None and len(rejected):
        rejected.write(folder.rejected, say)
    if drawn:
        folder.write("map", drawn)
    else:
        folder.drop("map")
    more = {"has_map": bool(drawn), "has_rejected": folder.rejected.is_file(), "seen": secrets.token_hex(8)}
    folder.write("outcome", page | more)


def failure(error: OkrugaError) -> Json:
    """Why nothing can be said about single rows."""
    return {"error": {"message": kept(error.message), "remedy": kept(error.remedy) if error.remedy.msgid else None}}


def looked_at(
    database: Database, upload: Upload, told: Told, shown: list[tuple[Json, Json]]
) -> tuple[Json, Json, Rejected | None]:
    """Page, map and refused rows of a dry run; `shown` collects the previews on the way."""
    request = request_of(upload, path_of(upload))
    if request.register == GAZETTEER:
        report = gazetteer_report(load_one(database, request, told, commit=False), upload.file_name)
        return *preview.outcome(None, report), None
    loaded = dry_run(database, request, told, shown)
    if any(offer["accepted"] and offer["kind"] != "swap" for offer in shown[-1][0].get("offers", ())):
        # the yes was to an exchange of axes; it must not pass for a yes to something else
        loaded = dry_run(database, replace(request, accept=False), told, shown)
    page, drawn = shown[-1]
    listed, places = preview.found(loaded.report.findings)
    if drawn:
        drawn["findings"] = places
    return page | preview.summary(loaded.report) | {"findings": listed}, drawn, loaded.rejected


def dry_run(database: Database, request: Request, told: Told, shown: list[tuple[Json, Json]]) -> Loaded:
    """The previews have to be made while the transaction is open, the counts are there only afterwards."""

    def look(seen: Seen) -> None:
        shown.append(preview.outcome(seen, Report(file=request.file_name)))

    return pipeline.load(database, request, progress=told, look=look)


def commit(database: Database, upload: Upload, say: Say) -> bool:
    """Load the file. True when it is loaded; otherwise the outcome says why, and everything is as it was."""
    folder = Folder.named(upload.folder)
    try:
        loaded = load_one(database, request_of(upload, path_of(upload)), Told(folder), commit=True)
    except OkrugaError as error:
        folder.write("outcome", folder.read("outcome") | failure(error))
        return False
    report, rejected = (
        (gazetteer_report(loaded, upload.file_name), None) if isinstance(loaded, GazetteerLoad)
        else (loaded.report, loaded.rejected)
    )  # fmt: skip
    before = {} if report.committed else folder.read("outcome")
    listed, _ = preview.found(report.findings)
    page = before | preview.summary(report) | {"findings": listed, "run": loaded.run}
    keep(folder, page, {}, rejected, say)
    return report.committed


def load_one(database: Database, request: Request, told: Told, *, commit: bool) -> Any:
    """The load of any register."""
    if request.register == GAZETTEER:
        return load_gazetteer(
            database, request.path, source=request.title, licence=request.licence, actor=request.actor, commit=commit,
            progress=told, upload=request.upload, web=True,
        )  # fmt: skip
    return pipeline.load(database, request, commit=commit, progress=told)


def gazetteer_report(load: GazetteerLoad, file: str) -> Report:
    """What loading address lists came to, in the shape of every other report."""
    report = Report(file=file, register=GAZETTEER, committed=load.committed)
    accepted = sum(load.counts.values())
    report.accepted, report.rejected = accepted, len(load.rejected)
    report.read = accepted + len(load.rejected)
    report.changes = {"new": 0 if load.same else accepted, "changed": 0, "same": accepted if load.same else 0,
                      "gone": 0}  # fmt: skip
    for name, count in load.counts.items():
        if count:
            message = Message(N_("{table}: {count}"), {"table": Message(TABLES.get(name, name)), "count": count})
            report.findings.add(Finding(Severity.INFO, "gazetteer_table", message))
    for note in load.notes:
        report.findings.add(Finding(Severity.WARN, "gazetteer_note", note))
    for refused in load.rejected:
        report.findings.add(Finding(Severity.BLOCK, "gazetteer_row", refused.reason, row=refused.row))
    return report


TABLES = {
    "settlements": N_("Settlements"), "streets": N_("Streets"), "addresses": N_("Addresses"),
    "pois": N_("Objects"), "areas": N_("Areas of a town"),
    "gar_settlement": N_("Settlements of the state address register"),
    "gar_area": N_("Areas of the state address register"),
    "gar_street": N_("Streets of the state address register"),
    "gar_house": N_("Houses of the state address register"),
}  # fmt: skip
