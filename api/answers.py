"""What did the person answer about a file? The fields of the form, turned into the options of a load.

Unknown fields are ignored, long texts cut; whether an answer makes sense is for the pipeline to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from geo.errors import N_, BadInput
from geo.ingest import waiting
from geo.ingest.columns import map_columns
from geo.vocabulary import TerritoryKind

LONGEST = 500
MOST_CONSTANTS = 3
# what was said about the first file and not about its rows
OF_THE_FILE = ("layer", "sheet", "encoding", "delimiter", "section", "mends", "delete_gone", "together")
DAYS = ("valid_from", "valid_to")
Options = dict[str, Any]


def first_options(fields: Mapping[str, str], earlier: Mapping[str, Any] | None = None) -> Options:
    """Options of a file that was just sent; one with mended rows goes on where the first one was."""
    options: Options = dict(earlier or {})
    for name in ("register", "kind", "source", "within"):
        if given := fields.get(name, "").strip()[:LONGEST]:
            options[name] = given
    return checked(options)


def mended_options(earlier: Mapping[str, Any], outcome: Mapping[str, Any], file_name: str) -> Options:
    """Options for the mended rows of a file: the same meaning, in a CSV of ours."""
    kept = {name: value for name, value in earlier.items() if name not in OF_THE_FILE}
    fields = {column["field"]: column["name"] for column in outcome.get("columns", ()) if column["field"]}
    return kept | {
        "fields": {**fields, **kept.get("fields", {})}, "source": kept.get("source") or file_name,
        "crs": kept.get("crs") or outcome.get("crs", ""), "partial": True,
    }  # fmt: skip


def answered(options: Mapping[str, Any], fields: Mapping[str, str], outcome: Mapping[str, Any]) -> Options:
    """The options with what a form says. Raises BadInput for a date that is none, or two columns for one field."""
    told: Options = dict(options)
    for name in ("register", "kind", *waiting.TEXTS):
        if name in fields:
            told[name] = fields[name].strip()[:LONGEST]
    for name in DAYS:
        if name in fields:
            told[name] = iso_day(fields[name])
    if "settings" in fields:
        told |= {name: name in fields for name in waiting.FLAGS}
        told["constants"] = constants(fields)
    if "swap" in fields:
        told["swap"] = fields["swap"] == "yes"
    if told.get("register") != options.get("register"):
        told |= {"fields": {}, "key": "", "mends": []}
    elif "columns" in fields and outcome.get("columns"):
        told["fields"] = columns(fields, outcome)
    if mend := fields.get("mend", ""):
        told["mends"] = list(dict.fromkeys([*told.get("mends", ()), mend[:LONGEST]]))
    if fields.get("unmend"):
        told["mends"] = []
    return checked(told)


def checked(options: Options) -> Options:
    """The options, if they name something that can be loaded. Raises BadInput."""
    register, kind = options.get("register", ""), options.get("kind", "")
    if register not in waiting.REGISTERS:
        raise BadInput(
            N_("There is no register {register}."), remedy=N_("Choose one of: {known}."), register=register,
            known=", ".join(waiting.REGISTERS),
        )  # fmt: skip
    if kind and kind not in TerritoryKind.codes():
        raise BadInput(
            N_("There is no territory kind {kind}."), remedy=N_("Known kinds: {known}."), kind=kind,
            known=", ".join(TerritoryKind.codes()),
        )  # fmt: skip
    return options


def iso_day(given: str) -> str:
    """A date as 2024-07-01; empty for none. Raises BadInput."""
    for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(given.strip(), pattern).date().isoformat()  # noqa: DTZ007 - a calendar day
        except ValueError:
            continue
    if not given.strip():
        return ""
    raise BadInput(
        N_("{value} is not a date."), remedy=N_("Write it as 2024-07-01 or 01.07.2024."), value=given.strip()[:40]
    )


def constants(fields: Mapping[str, str]) -> dict[str, str]:
    """Fields with one value for all rows."""
    pairs = ((fields.get(f"constant-{at}", ""), fields.get(f"value-{at}", "").strip()) for at in range(MOST_CONSTANTS))
    return {field: value[:LONGEST] for field, value in pairs if field and value}


def columns(fields: Mapping[str, str], outcome: Mapping[str, Any]) -> dict[str, str]:
    """What was said about the columns, as far as it differs from what their headings say by themselves."""
    names = [str(column["name"]) for column in outcome["columns"]]
    said: dict[str, str] = {}
    for at, name in enumerate(names):
        field = fields.get(f"column-{at}", "")
        if field in said:
            raise BadInput(
                N_("Two columns are taken for {field}: {first} and {second}."), remedy=N_("Keep one of them."),
                field=field, first=said[field], second=name,
            )  # fmt: skip
        if field:
            said[field] = name
    blank = {str(column["name"]) for column in outcome["columns"] if not column["samples"]}
    guessed = map_columns(str(outcome["register"]), names, blank=blank).fields
    without = {field: "" for field in guessed if field not in said}
    return {field: name for field, name in said.items() if guessed.get(field) != name} | without
