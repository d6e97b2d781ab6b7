"""How is a register's table written down? The shared metadata, schemas and column helpers.

Four schemas: `okruga` holds the registers, `published` the views the public may read, `personal` what
identifies people, `history` who changed which row. The reader role is granted `published` only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Integer, MetaData, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

from geo.vocabulary import Word

SCHEMA, PERSONAL, PUBLISHED, HISTORY = "okruga", "personal", "published", "history"

# in SQL: the largest number of people that is still too small to be shown; the function is made from the settings
FEW = "okruga.few()"

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(schema=SCHEMA, naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        dict[str, Any]: JSONB,
        datetime: DateTime(timezone=True),
    }


BigId = Annotated[int, mapped_column(BigInteger, Identity(always=False), primary_key=True)]
Id = Annotated[int, mapped_column(Integer, Identity(always=False), primary_key=True)]
Json = Annotated[dict[str, Any], mapped_column(JSONB, nullable=False, server_default=text("'{}'::jsonb"))]
Now = Annotated[datetime, mapped_column(DateTime(timezone=True), nullable=False, server_default=text("now()"))]
EntryRef = Annotated[int, mapped_column(ForeignKey(f"{SCHEMA}.entry.id", ondelete="CASCADE"))]
EntryKey = Annotated[int, mapped_column(ForeignKey(f"{SCHEMA}.entry.id", ondelete="CASCADE"), primary_key=True)]
TerritoryRef = Annotated[int, mapped_column(ForeignKey(f"{SCHEMA}.territory.id"))]
SourceRef = Annotated[int, mapped_column(ForeignKey(f"{SCHEMA}.source.id"))]
RunRef = Annotated[int, mapped_column(ForeignKey(f"{SCHEMA}.import_run.id"))]


def shape(kind: str = "GEOMETRY") -> Geometry:
    """A WGS 84 geometry column type; its spatial index is declared with the table, where it is needed."""
    return Geometry(kind, srid=4326, spatial_index=False)


def one_of(column: str, words: type[Word]) -> CheckConstraint:
    """CHECK that a column holds a code of a closed list."""
    codes = ", ".join(f"'{code}'" for code in words.codes())
    return CheckConstraint(f"{column} IN ({codes})", name=column)


def good_shape(column: str = "geom") -> CheckConstraint:
    """CHECK that keeps bad geometry out: valid, not empty, finite, inside the globe."""
    return CheckConstraint(f"okruga.good_geometry({column})", name=f"{column}_good")
