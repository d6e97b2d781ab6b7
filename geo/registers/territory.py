"""Which areas are there, and what shape did each have on a given day?

A territory is an identity people hold on to (code, name, parent); a boundary is its shape during a period,
with the legal act it comes from. Figures of a date use the boundary versions valid on it. A change of shape is
always a new version, never an edit; the database refuses two shapes of one territory on one day.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from geo.registers.base import SCHEMA, Base, Id, Json, Now, RunRef, SourceRef, TerritoryRef, good_shape, one_of, shape
from geo.vocabulary import BoundaryPrecision, MunicipalityForm, TerritoryKind, TosLevel, TosStatus


class Territory(Base):
    """An area with a stable, URL-safe code. The code is minted once and never changes."""

    __tablename__ = "territory"
    __table_args__ = (
        one_of("kind", TerritoryKind),
        one_of("municipality_form", MunicipalityForm),
        one_of("tos_status", TosStatus),
        one_of("tos_level", TosLevel),
        CheckConstraint("code ~ '^[a-z0-9][a-z0-9._-]{0,99}$'", name="code"),
        CheckConstraint("parent_id <> id", name="parent"),
        CheckConstraint("kind = 'tos_territory' OR tos_status IS NULL", name="tos_status_kind"),
        CheckConstraint("kind <> 'tos_territory' OR tos_status IS NOT NULL", name="tos_status_set"),
        Index("ix_territory_kind", "kind"),
        Index("ix_territory_parent", "parent_id"),
        Index("ix_territory_run", "import_run_id"),
        Index("ix_territory_name", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    name: Mapped[str]
    names: Mapped[Json]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey(f"{SCHEMA}.territory.id"))
    municipality_form: Mapped[str | None]
    tos_status: Mapped[str | None]
    tos_level: Mapped[str | None]
    charter_number: Mapped[str | None]
    charter_registered_on: Mapped[date | None]
    oktmo: Mapped[str | None]
    osm_id: Mapped[str | None]
    wikidata_id: Mapped[str | None]
    source_key: Mapped[str | None]
    extra: Mapped[Json]
    source_id: Mapped[SourceRef]
    import_run_id: Mapped[RunRef]
    source_row: Mapped[int | None]
    created_at: Mapped[Now]
    updated_at: Mapped[Now]


class Boundary(Base):
    """A boundary version: the shape of a territory during `valid`. Its id is what places are counted in."""

    __tablename__ = "boundary"
    __table_args__ = (
        one_of("precision", BoundaryPrecision),
        good_shape(),
        CheckConstraint("NOT isempty(valid)", name="valid"),
        ExcludeConstraint(("territory_id", "="), ("valid", "&&"), name="ex_boundary_one_shape_a_day", using="gist"),
        Index("ix_boundary_geom", "geom", postgresql_using="gist"),
        Index("ix_boundary_kind", "kind"),
        Index("ix_boundary_run", "import_run_id"),
    )

    id: Mapped[Id]
    territory_id: Mapped[TerritoryRef]
    kind: Mapped[str]
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
    geom: Mapped[Any] = mapped_column(shape("MULTIPOLYGON"), nullable=False)
    area_m2: Mapped[float]
    precision: Mapped[str] = mapped_column(server_default="surveyed")
    legal_act: Mapped[str | None]
    legal_act_on: Mapped[date | None]
    legal_text: Mapped[str | None]
    source_id: Mapped[SourceRef]
    import_run_id: Mapped[RunRef]
    source_row: Mapped[int | None]
    created_at: Mapped[Now]


class BoundaryBand(Base):
    """A shape as small zooms need it (EPSG:3857): edges shared by neighbours are simplified alike. Derived."""

    __tablename__ = "boundary_band"
    __table_args__ = (Index("ix_boundary_band_geom", "zoom", "geom", postgresql_using="gist"),)

    boundary_id: Mapped[int] = mapped_column(ForeignKey(f"{SCHEMA}.boundary.id", ondelete="CASCADE"), primary_key=True)
    zoom: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    geom: Mapped[Any] = mapped_column(Geometry("MULTIPOLYGON", srid=3857, spatial_index=False), nullable=False)


class Succession(Base):
    """Which territory followed which: merge, split, transfer or rename."""

    __tablename__ = "territory_succession"
    __table_args__ = (CheckConstraint("kind IN ('merge', 'split', 'transfer', 'rename')", name="kind"),)

    from_id: Mapped[int] = mapped_column(ForeignKey(f"{SCHEMA}.territory.id"), primary_key=True)
    to_id: Mapped[int] = mapped_column(ForeignKey(f"{SCHEMA}.territory.id"), primary_key=True)
    kind: Mapped[str]
    happened_on: Mapped[date]
    share: Mapped[float | None]
    import_run_id: Mapped[RunRef]


class TerritoryGroup(Base):
    """A group of territories across municipalities, e.g. a supra-city area."""

    __tablename__ = "territory_group"
    __table_args__ = (Index("ix_territory_group_run", "import_run_id"),)

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    names: Mapped[Json]
    source_id: Mapped[SourceRef]
    import_run_id: Mapped[RunRef]


class TerritoryGroupMember(Base):
    """A territory in a group, on the days of `valid`."""

    __tablename__ = "territory_group_member"
    __table_args__ = (
        CheckConstraint("NOT isempty(valid)", name="valid"),
        Index("ix_territory_group_member_territory", "territory_id"),
        Index("ix_territory_group_member_run", "import_run_id"),
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey(f"{SCHEMA}.territory_group.id", ondelete="CASCADE"), primary_key=True
    )
    territory_id: Mapped[int] = mapped_column(ForeignKey(f"{SCHEMA}.territory.id"), primary_key=True)
    valid: Mapped[Range[date]] = mapped_column(DATERANGE, server_default="(,)")
    import_run_id: Mapped[int | None] = mapped_column(ForeignKey(f"{SCHEMA}.import_run.id"))
    source_row: Mapped[int | None]
