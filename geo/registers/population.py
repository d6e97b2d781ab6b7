"""How many people live where, who counts, and since when?

Totals are kept by territory, year and base; cells (H3 hexagons, buildings or any small polygons) carry the
residents that reach and coverage are computed from. Unknown is null, never zero.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geo.registers.base import SCHEMA, Base, Id, RunRef, SourceRef, TerritoryRef, good_shape, one_of, shape
from geo.vocabulary import PopulationBase


class Population(Base):
    """People of one base in a territory at the end of a year."""

    __tablename__ = "population"
    __table_args__ = (
        one_of("base", PopulationBase),
        CheckConstraint("people >= 0", name="people"),
        UniqueConstraint("territory_id", "year", "base"),
        Index("ix_population_run", "import_run_id"),
    )

    id: Mapped[Id]
    territory_id: Mapped[TerritoryRef]
    year: Mapped[int] = mapped_column(SmallInteger)
    base: Mapped[str]
    people: Mapped[int]
    estimated: Mapped[bool] = mapped_column(server_default="false")
    source_id: Mapped[SourceRef]
    import_run_id: Mapped[RunRef]
    source_row: Mapped[int | None]


class PopulationCell(Base):
    """The smallest unit with a number of residents; `h3` is set for hexagon cells."""

    __tablename__ = "population_cell"
    __table_args__ = (
        CheckConstraint("residents >= 0 AND residents_16 >= 0", name="people"),
        good_shape(),
        UniqueConstraint("year", "cell_key"),
        Index("ix_population_cell_geom", "geom", postgresql_using="gist"),
        Index("ix_population_cell_run", "import_run_id"),
    )

    id: Mapped[Id]
    cell_key: Mapped[str]
    h3: Mapped[int | None] = mapped_column(BigInteger)
    year: Mapped[int] = mapped_column(SmallInteger)
    residents: Mapped[int | None]
    residents_16: Mapped[int | None]
    geom: Mapped[Any] = mapped_column(shape(), nullable=False)
    area_m2: Mapped[float]
    source_id: Mapped[SourceRef]
    import_run_id: Mapped[RunRef]
    source_row: Mapped[int | None]


class PopulationCellShare(Base):
    """Which part of a cell's area lies in a boundary version (1 for a cell wholly inside)."""

    __tablename__ = "population_cell_share"
    __table_args__ = (
        CheckConstraint("share > 0 AND share <= 1", name="share"),
        Index("ix_population_cell_share_boundary", "boundary_id"),
    )

    cell_id: Mapped[int] = mapped_column(
        ForeignKey(f"{SCHEMA}.population_cell.id", ondelete="CASCADE"), primary_key=True
    )
    boundary_id: Mapped[int] = mapped_column(ForeignKey(f"{SCHEMA}.boundary.id", ondelete="CASCADE"), primary_key=True)
    share: Mapped[float]
