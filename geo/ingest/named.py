"""How do territories come in that are known by name only? As rows of a list: code, name, parent; a shape may follow.

Entries can then be about them or stated to lie in them (certainty `no_polygon`); nothing is counted in them until a
boundary is loaded, which finds them by code or name and gives them their first shape.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, text

from geo.errors import N_, Message
from geo.ingest.codes import Minter, stated
from geo.ingest.columns import map_columns
from geo.ingest.findings import Finding, Report, Severity
from geo.ingest.request import Request
from geo.ingest.table import Table
from geo.ingest.write import Run
from geo.vocabulary import MunicipalityForm, TerritoryKind, TosStatus

TAKEN = ("code", "name", "name_en", "name_ky", "parent", "municipality_form", "oktmo", "wikidata_id", "osm_id")


@dataclass(frozen=True, slots=True)
class Named:
    """One row: what it says, and where it stood."""

    said: dict[str, str]
    number: int


def named_rows(request: Request, table: Table, report: Report) -> list[Named]:
    """Rows with a name; the others are reported."""
    fields = map_columns("boundaries", table.columns, dict(request.fields), table.blank).fields
    columns = {field: column for field, column in fields.items() if field in TAKEN}
    rows: list[Named] = []
    for at, number in enumerate(table.row_numbers.tolist()):
        said = {field: str(table.frame[column].iat[at]).strip() for field, column in columns.items()}
        if said.get("name"):
            rows.append(Named(said, number))
        else:
            message = Message(N_("The row names no territory."))
            remedy = Message(N_("Fill in the name."))
            report.findings.add(Finding(Severity.BLOCK, "no_name", message, remedy, row=number))
    report.read, report.accepted, report.rejected = len(table), len(rows), len(table) - len(rows)
    return rows


def unknown_rows(connection: Connection, kind: TerritoryKind, rows: list[Named]) -> list[Named]:
    """Rows that are not stored yet, by code, else by name within the kind; codes are minted for them."""
    stored = connection.execute(text("SELECT code, name, kind FROM okruga.territory")).all()
    minter = Minter(row.code for row in stored)
    known = {row.code for row in stored} | {row.name for row in stored if row.kind == kind}
    fresh = []
    for row in rows:
        if (stated(row.said.get("code", "")) or row.said["name"]) in known:
            continue
        code = minter.mint(row.said["name"], kind, row.said.get("parent", ""), row.said.get("code", ""))
        fresh.append(Named({**row.said, "code": code}, row.number))
    return fresh


def write_names(connection: Connection, request: Request, run: Run, rows: list[Named]) -> None:
    """Insert the territories, parents by code or name as they stand then."""
    kind = request.kind.value if request.kind else ""
    for row in rows:
        said = row.said
        form = said.get("municipality_form") or None
        connection.execute(
            text(
                "INSERT INTO okruga.territory (code, kind, name, names, parent_id, municipality_form, tos_status,"
                " oktmo, wikidata_id, osm_id, source_id, import_run_id, source_row)"
                " VALUES (:code, :kind, :name, CAST(:names AS jsonb),"
                " (SELECT id FROM okruga.territory WHERE code = :parent OR name = :parent"
                "  ORDER BY code <> :parent LIMIT 1),"
                " :form, :tos_status, :oktmo, :wikidata, :osm, :source, :run, :row)"
            ),
            {
                "code": said["code"], "kind": kind, "name": said["name"], "parent": said.get("parent", ""),
                "names": orjson.dumps(
                    {lang: said[f"name_{lang}"] for lang in ("en", "ky") if said.get(f"name_{lang}")}
                ).decode(),
                "form": form if form in MunicipalityForm.codes() else None,
                "tos_status": TosStatus.ACTIVE.value if kind == "tos_territory" else None,
                "oktmo": said.get("oktmo") or None, "wikidata": said.get("wikidata_id") or None,
                "osm": said.get("osm_id") or None, "source": run.source_id, "run": run.id, "row": row.number,
            },
        )  # fmt: skip
