"""What has been counted, and which changes are still to be counted?

`tally` and `reach` hold additive integers only; rates are computed from them. `counted` remembers what each entry
was counted as, so that a change can take the old contribution out and put the new one in. All three can be
rebuilt from the registers to the same integers (geo.analysis.tally).

Areas are boundary versions (ids below 2^31) and H3 cells (64-bit indexes): the numbers cannot collide.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo.registers.base import SCHEMA, Base, BigId, Now


class Change(Base):
    """Something written that the tally does not know yet; appended by triggers in the writer's transaction."""

    __tablename__ = "change"
    __table_args__ = (
        CheckConstraint("subject IN ('entry', 'import_run', 'boundary', 'territory', 'population_cell', 'population')",
                        name="subject"),
    )  # fmt: skip

    id: Mapped[BigId]
    subject: Mapped[str]
    subject_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[Now]


class Counted(Base):
    """What an entry was counted as: the areas, and the facts added to each of them."""

    __tablename__ = "counted"

    # no foreign key: the row must outlive its entry until the deletion has been counted
    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    areas: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    facts: Mapped[Any] = mapped_column(JSONB)


class Tally(Base):
    """Integers by area, measure, theme ('' for none), year (0 for undated) and part (channel, priority, source …)."""

    __tablename__ = "tally"
    __table_args__ = (Index("ix_tally_measure", "measure", "period"),)

    area_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    measure: Mapped[str] = mapped_column(primary_key=True)
    theme: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    part: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)


class Reach(Base):
    """Residents (in thousandths) by distance to the nearest finished project: element k holds those farther than
    50·(k-1) and not farther than 50·k metres, k = 0 … 100; the last element those beyond 5 km or without any project.
    """

    __tablename__ = "reach"

    boundary_id: Mapped[int] = mapped_column(
        ForeignKey(f"{SCHEMA}.boundary.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    theme: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    residents: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))


class HeadShield(Base):
    """Why a small head count cannot be computed back: a change of hidden head counts that could as well be the truth
    (event, column, one more or fewer), taken once and kept while it holds.
    """

    __tablename__ = "head_shield"

    # like `counted`, these outlive their entry until the deletion has been counted
    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    part: Mapped[str] = mapped_column(primary_key=True)
    cells: Mapped[Any] = mapped_column(JSONB)


class WithheldHead(Base):
    """A number of an event that is not shown: `part` is "participants" or a channel."""

    __tablename__ = "withheld_head"

    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    part: Mapped[str] = mapped_column(primary_key=True)


class WithheldSum(Base):
    """A sum of head counts that is not shown; the theme "*" stands for all themes together."""

    __tablename__ = "withheld_sum"

    area_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    period: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    theme: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)


class Nesting(Base):
    """A boundary version that lies wholly inside another one."""

    __tablename__ = "nesting"
    __table_args__ = (Index("ix_nesting_outer", "outer_id"),)

    inner_id: Mapped[int] = mapped_column(
        ForeignKey(f"{SCHEMA}.boundary.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    outer_id: Mapped[int] = mapped_column(
        ForeignKey(f"{SCHEMA}.boundary.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class DataVersion(Base):
    """One row: the number every cache is keyed by. It grows when counted figures change."""

    __tablename__ = "data_version"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, server_default=text("1"))
    version: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[Now]


class LayerVersion(Base):
    """The version a tile layer's addresses carry."""

    __tablename__ = "layer_version"

    layer: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[Now]
