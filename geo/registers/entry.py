"""What do all things on the map have in common, and where are they?

Every project, need, event, organisation, observation … is one `entry` row plus, 1:1, one row of its
register's own table. An entry has one or more places; a place knows the boundary versions it counts in
(`placed`, one per territory kind) and how it may be shown to the public.

`begins_on` and `ends_on` mean: project - started (or planned to) and completed; need - reported and answered;
event - first and last day; organisation - founded and dissolved; observation - the period it is about.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from geo.registers.base import (
    PERSONAL,
    SCHEMA,
    Base,
    BigId,
    EntryKey,
    EntryRef,
    Json,
    Now,
    RunRef,
    SourceRef,
    good_shape,
    one_of,
    shape,
)  # fmt: skip
from geo.vocabulary import Certainty, MatchLevel, ModerationState, NeedStatus, ProjectStatus, PublicPrecision, Theme

REGISTERS = ("project", "need", "event", "organisation", "observation")


class Entry(Base):
    """What all registers share. `key` identifies the row in its source across loads."""

    __tablename__ = "entry"
    __table_args__ = (
        CheckConstraint(f"register IN {REGISTERS}", name="register"),
        CheckConstraint(
            "CASE register"
            f" WHEN 'project' THEN status IN {ProjectStatus.codes()} AND status IS NOT NULL"
            f" WHEN 'need' THEN status IN {NeedStatus.codes()} AND status IS NOT NULL"
            " ELSE status IS NULL END",
            name="status",
        ),
        one_of("theme", Theme),
        one_of("moderation_state", ModerationState),
        CheckConstraint("length(title) BETWEEN 1 AND 1000", name="title"),
        CheckConstraint("ends_on >= begins_on", name="dates"),
        UniqueConstraint("register", "source_id", "key"),
        Index("ix_entry_register", "register", "id"),
        Index("ix_entry_run", "import_run_id"),
        Index("ix_entry_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        Index("ix_entry_title", "title", postgresql_using="gin", postgresql_ops={"title": "gin_trgm_ops"}),
    )

    id: Mapped[BigId]
    register: Mapped[str]
    key: Mapped[str]
    title: Mapped[str]
    titles: Mapped[Json]
    description: Mapped[str | None]
    theme: Mapped[str | None]
    secondary_themes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    status: Mapped[str | None]
    begins_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    url: Mapped[str | None]
    moderation_state: Mapped[str] = mapped_column(server_default="new")
    merged_into: Mapped[int | None] = mapped_column(ForeignKey(f"{SCHEMA}.entry.id"))
    extra: Mapped[Json]
    source_id: Mapped[SourceRef]
    import_run_id: Mapped[RunRef]
    source_row: Mapped[int | None]
    created_at: Mapped[Now]
    updated_at: Mapped[Now]


class Place(Base):
    """Where an entry is. `geom` is what is known, `public_geom` what may be shown."""

    __tablename__ = "place"
    __table_args__ = (
        one_of("match_level", MatchLevel),
        one_of("certainty", Certainty),
        one_of("public_precision", PublicPrecision),
        good_shape(),
        good_shape("public_geom"),
        Index("ix_place_entry", "entry_id"),
        Index("ix_place_geom", "geom", postgresql_using="gist"),
        Index(
            "ix_place_stated_territory", "stated_territory_id", postgresql_where=text("stated_territory_id IS NOT NULL")
        ),
        Index("ix_place_placed", "placed", postgresql_using="gin"),
        Index("ix_place_public_placed", "public_placed", postgresql_using="gin"),
        *(
            Index(
                f"ix_place_public_{register}", "public_geom", postgresql_using="gist",
                postgresql_where=text(f"register = '{register}'"),
            )
            for register in REGISTERS
        ),
    )  # fmt: skip

    id: Mapped[BigId]
    entry_id: Mapped[EntryRef]
    register: Mapped[str]
    role: Mapped[str] = mapped_column(server_default="site")
    geom: Mapped[Any | None] = mapped_column(shape())
    public_geom: Mapped[Any | None] = mapped_column(shape())
    public_precision: Mapped[str] = mapped_column(server_default="exact")
    address: Mapped[str | None]
    match_level: Mapped[str]
    certainty: Mapped[str]
    hex_8: Mapped[int | None] = mapped_column(BigInteger)
    placed: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'"))
    # the part of `placed` that does not give away more than `public_geom` does
    public_placed: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'"))
    stated_territory_id: Mapped[int | None] = mapped_column(ForeignKey(f"{SCHEMA}.territory.id"))
    # no foreign key: a lookup of the same run for every place of a load, and its entry has one
    import_run_id: Mapped[int]


class Placement(Base):
    """What is not plain about a place: a part of a line or area, a near border, an overlap, a stated territory."""

    __tablename__ = "placement"
    __table_args__ = (
        one_of("certainty", Certainty),
        CheckConstraint("share >= 0 AND share <= 1", name="share"),
        Index("ix_placement_boundary", "boundary_id"),
    )

    place_id: Mapped[int] = mapped_column(ForeignKey(f"{SCHEMA}.place.id", ondelete="CASCADE"), primary_key=True)
    boundary_id: Mapped[int] = mapped_column(ForeignKey(f"{SCHEMA}.boundary.id", ondelete="CASCADE"), primary_key=True)
    certainty: Mapped[str]
    counted: Mapped[bool]
    share: Mapped[float | None]
    distance_m: Mapped[float | None]


class EntryTerritory(Base):
    """A territory an entry is about by statement: an event's own, a TOS body's TOS, an organisation's mandate."""

    __tablename__ = "entry_territory"
    __table_args__ = (
        CheckConstraint("role IN ('declared', 'mandate', 'about')", name="role"),
        Index("ix_entry_territory_territory", "territory_id"),
    )

    entry_id: Mapped[EntryKey]
    territory_id: Mapped[int] = mapped_column(ForeignKey(f"{SCHEMA}.territory.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)


class Contact(Base):
    """Who sent an entry in: never joined by anything public."""

    __tablename__ = "contact"
    __table_args__ = ({"schema": PERSONAL},)

    entry_id: Mapped[EntryKey]
    name: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    exact_address: Mapped[str | None]
