"""One whole trial of a file: read, map, check, and what came of it in a few comparable words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from geo.errors import OkrugaError
from geo.ingest import topology
from geo.ingest.check import Checked
from geo.ingest.columns import map_columns
from geo.ingest.crs import BBox
from geo.ingest.readers import Limits, read
from geo.ingest.rows import validate

FILES = Path(__file__).parents[3] / "fixtures" / "files"
TOWN: BBox = (45.85, 51.35, 46.15, 51.6)


@dataclass(frozen=True)
class Outcome:
    """What a file came to. `refusal` is the name of the error, otherwise the counts and codes hold."""

    refusal: str = ""
    says: str = ""
    accepted: int = 0
    rejected: int = 0
    repaired: int = 0
    offers: str = ""
    codes: str = ""


def attempt(
    path: Path, register: str, *, layer: str = "", fields: str = "", expected: BBox | None = None, accept: bool = False
) -> Outcome:
    """Try a file. `fields` is FIELD=COLUMN pairs divided by `;`. Errors that are not ours propagate."""
    try:
        return came_to(checked(path, register, layer=layer, fields=fields, expected=expected, accept=accept))
    except OkrugaError as error:
        return Outcome(type(error).__name__, str(error))


def checked(
    path: Path, register: str, *, layer: str = "", fields: str = "", expected: BBox | None = None, accept: bool = False
) -> Checked:
    """The file read, mapped and checked."""
    table = read(path, layer=layer or None, accept=accept, limits=Limits())
    explicit = dict(pair.split("=", 1) for pair in fields.split(";") if pair)
    return validate(register, table, map_columns(register, table.columns, explicit), expected=expected, accept=accept)


def came_to(found: Checked) -> Outcome:
    """The counts and codes, with those of the neighbourhood check for boundaries."""
    codes = found.findings.by_code()
    if found.register == "boundaries" and found.geometry is not None and len(found):
        names = found.rows.column("name").to_pylist()
        codes = codes | topology.check(found.geometry, found.numbers, names=names).by_code()
    return Outcome(
        accepted=len(found),
        rejected=len(found.rejected),
        repaired=found.repaired,
        offers=" ".join(f"{offer.kind}={offer.value}" for offer in found.offers),
        codes=" ".join(f"{code}:{count}" for code, count in sorted(codes.items())),
    )
