"""Which places does the engine know? Plain tables of settlements, streets, addresses, objects and areas.

A gazetteer is data without behaviour: five pandas tables, the state address register and a version. It comes from a
folder of a municipality's own CSV lists, from OpenStreetMap through `geo.ingest.osm`, from the register's files through
`geo.ingest.gar`, from the settlements shipped with the product, or from the database; `geo.geocode.index` makes it
searchable. Coordinates are WGS 84 degrees; a missing one is NaN.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import N_, BadFile, Message
from geo.geocode.gar import Gar, together

SETTLEMENTS_FILE = Path(__file__).parent / "data" / "settlements.csv"

# column -> whether a file must have it
SETTLEMENT_COLUMNS = {
    "id": False, "name": True, "alt_names": False, "kind": False, "district": False, "region": False, "cc": False,
    "population": False, "lat": True, "lon": True,
}  # fmt: skip
STREET_COLUMNS = {"id": False, "city": True, "name": True, "alt_names": False, "lat": False, "lon": False}
ADDRESS_COLUMNS = {"id": False, "city": True, "street": True, "housenumber": True, "lat": False, "lon": False}
POI_COLUMNS = {"id": False, "city": True, "name": True, "alt_names": False, "kind": False, "lat": True, "lon": True}
AREA_COLUMNS = {
    "id": False, "city": False, "name": True, "alt_names": False, "kind": False, "lat": True, "lon": True,
    "radius_m": False,
}  # fmt: skip
TABLES: Mapping[str, Mapping[str, bool]] = {
    "settlements": SETTLEMENT_COLUMNS,
    "streets": STREET_COLUMNS,
    "addresses": ADDRESS_COLUMNS,
    "pois": POI_COLUMNS,
    "areas": AREA_COLUMNS,
}
_NUMBERS = frozenset({"lat", "lon", "population", "radius_m"})
_PLACED = frozenset({"settlements", "pois", "areas"})


def empty_table(name: str) -> pd.DataFrame:
    """A table of the gazetteer without rows, with the right columns and types."""
    return pd.DataFrame(
        {column: pd.Series(dtype="float64" if column in _NUMBERS else "object") for column in TABLES[name]}
    )


@dataclass(frozen=True)
class Rejected:
    """A row that cannot be used, with the reason; `row` counts from 2 as spreadsheets do (1 is the heading)."""

    table: str
    row: int
    reason: Message


@dataclass(frozen=True)
class Gazetteer:
    """The tables of one version.

    settlements: id, name, alt_names (separated by |), kind, district, region, cc, population, lat, lon
    streets: id, city, name, alt_names, lat, lon; addresses: id, city, street, housenumber, lat, lon
    pois: id, city, name, alt_names, kind (an OSM key=value), lat, lon; of kind "corner": the streets name and alt_names
    meet there
    areas: id, city, name, alt_names, kind (a territory kind), lat, lon, radius_m
    `city` is a settlement's name; of several with that name the nearest to the rows' coordinates is meant.
    gar: the state address register, which knows no coordinates
    """

    settlements: pd.DataFrame = field(default_factory=lambda: empty_table("settlements"))
    streets: pd.DataFrame = field(default_factory=lambda: empty_table("streets"))
    addresses: pd.DataFrame = field(default_factory=lambda: empty_table("addresses"))
    pois: pd.DataFrame = field(default_factory=lambda: empty_table("pois"))
    areas: pd.DataFrame = field(default_factory=lambda: empty_table("areas"))
    gar: Gar = field(default_factory=Gar)
    version: str = ""

    def table(self, name: str) -> pd.DataFrame:
        """One of the five tables by name."""
        frame: pd.DataFrame = getattr(self, name)
        return frame

    def __len__(self) -> int:
        return sum(self.counts().values())

    def counts(self) -> dict[str, int]:
        """Rows by table; those of the register by their level."""
        rows = {name: len(self.table(name)) for name in TABLES}
        return rows | self.gar.counts()


def read_folder(folder: Path) -> tuple[Gazetteer, list[Rejected]]:
    """A municipality's own lists: any of settlements.csv, streets.csv, addresses.csv, pois.csv, areas.csv.

    UTF-8, comma or semicolon, decimal point or comma; other columns are ignored. Rows that cannot be used are
    returned beside, never dropped in silence. Raises BadFile when a needed column or every file is missing.
    """
    found: dict[str, Any] = {}
    rejected: list[Rejected] = []
    for name in TABLES:
        path = folder / f"{name}.csv"
        if path.is_file():
            found[name], refused = clean_table(name, _read_csv(path))
            rejected += refused
    if not found:
        raise BadFile(
            N_("The folder {folder} holds no gazetteer list."),
            remedy=N_("Expected are files named {names}."),
            folder=folder,
            names=", ".join(f"{name}.csv" for name in TABLES),
        )
    gazetteer = Gazetteer(**found)
    return replace(gazetteer, version=version_of(gazetteer)), rejected


def read_file(path: Path) -> tuple[Gazetteer, list[Rejected]]:
    """One list alone; which one it is follows from its name, else from its columns."""
    raw = _read_csv(path)
    columns = {str(column).strip().lower() for column in raw.columns}
    name = path.stem.lower() if path.stem.lower() in TABLES else _table_of(columns)
    table, rejected = clean_table(name, raw)
    parts: dict[str, Any] = {name: table}
    gazetteer = Gazetteer(**parts)
    return replace(gazetteer, version=version_of(gazetteer)), rejected


def _table_of(columns: set[str]) -> str:
    if "housenumber" in columns:
        return "addresses"
    if "city" not in columns:
        return "settlements"
    return "areas" if "radius_m" in columns else "pois" if "kind" in columns else "streets"


def _read_csv(path: Path) -> pd.DataFrame:
    """All cells as text: a house number 12 must not become 12.0, an empty cell not NaN."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            heading = lines.readline()
        separator = ";" if heading.count(";") > heading.count(",") else ","
        return pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise BadFile(
            N_("{file} cannot be read as a table: {problem}."),
            remedy=N_("Save it as CSV in UTF-8 with one heading line."),
            file=path.name,
            problem=error,
        ) from error


def clean_table(name: str, raw: pd.DataFrame) -> tuple[pd.DataFrame, list[Rejected]]:
    """Bring a table of text cells into the form of the gazetteer; rows that cannot be used come back as reasons."""
    columns = TABLES[name]
    raw = raw.rename(columns=lambda column: str(column).strip().lower())
    missing = [column for column, needed in columns.items() if needed and column not in raw.columns]
    if missing:
        raise BadFile(
            N_("The list {table} lacks the column {column}."),
            remedy=N_("Expected are the columns {columns}."),
            table=name,
            column=missing[0],
            columns=", ".join(columns),
        )
    table = pd.DataFrame({column: _column(raw, column) for column in columns}, index=raw.index)
    if "id" in columns:
        unnamed = table["id"] == ""
        table.loc[unnamed, "id"] = [f"{name[0]}{row}" for row in np.flatnonzero(unnamed)]
    return _without_unusable(name, table)


def _column(raw: pd.DataFrame, column: str) -> pd.Series[str] | pd.Series[float]:
    if column not in raw.columns:
        return pd.Series(np.nan if column in _NUMBERS else "", index=raw.index)
    texts = raw[column].fillna("").astype(str).str.strip()
    if column in _NUMBERS:
        return pd.to_numeric(texts.str.replace(",", "."), errors="coerce").astype("float64")
    return texts.astype(object)


def _without_unusable(name: str, table: pd.DataFrame) -> tuple[pd.DataFrame, list[Rejected]]:
    subject = "street" if name == "addresses" else "name"
    nameless = table[subject] == ""
    outside = (table["lat"].abs() > 90) | (table["lon"].abs() > 180)
    unplaced = table["lat"].isna() | table["lon"].isna() if name in _PLACED else pd.Series(False, index=table.index)
    reasons = (
        (nameless, Message(N_("The name is empty."))),
        (outside & ~nameless, Message(N_("The coordinates lie outside the globe."))),
        (unplaced & ~nameless & ~outside, Message(N_("The coordinates are missing or are not numbers."))),
    )
    rejected = [
        Rejected(name, int(row) + 2, reason) for mask, reason in reasons for row in np.flatnonzero(mask.to_numpy())
    ]
    usable = table[~(nameless | outside | unplaced)].reset_index(drop=True)
    return usable, rejected


def version_of(gazetteer: Gazetteer) -> str:
    """A short digest of the content: equal tables have equal versions, whatever file they came from."""
    digest = hashlib.sha256()
    for name in TABLES:
        table = gazetteer.table(name)
        digest.update(name.encode())
        if len(table):
            digest.update(pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes())
    if len(gazetteer.gar):
        digest.update(gazetteer.gar.digest())
    return digest.hexdigest()[:12]


@lru_cache(maxsize=1)
def shipped_settlements() -> pd.DataFrame:
    """The settlements of Russia and Kyrgyzstan shipped with the product (GeoNames, CC BY 4.0; see data/NOTICE)."""
    table, _ = clean_table("settlements", _read_csv(SETTLEMENTS_FILE))
    return table


def shipped_gazetteer() -> Gazetteer:
    """A gazetteer of the shipped settlements alone: what an installation knows before anything is loaded."""
    gazetteer = Gazetteer(settlements=shipped_settlements())
    return replace(gazetteer, version=version_of(gazetteer))


def merged(gazetteers: Iterable[Gazetteer]) -> Gazetteer:
    """All tables one under the other; the same settlement in two sources is made one when the index is built."""
    parts = list(gazetteers)
    tables: dict[str, Any] = {
        name: pd.concat([p.table(name) for p in parts if len(p.table(name))] or [empty_table(name)], ignore_index=True)
        for name in TABLES
    }
    gazetteer = Gazetteer(**tables, gar=together(part.gar for part in parts))
    return replace(gazetteer, version=version_of(gazetteer))
