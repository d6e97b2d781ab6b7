"""Which answers of a finished period were frozen, when, and at which permanent address?

A snapshot holds answers as the public saw them on that day; it is written once and never changed. What the data say
later is shown beside it as a difference (geo.analysis.snapshots).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo.registers.base import Base, Id, Now, one_of
from geo.vocabulary import TerritoryKind


class Snapshot(Base):
    """The answers of one period for one kind of territory, as JSON of the API."""

    __tablename__ = "snapshot"
    __table_args__ = (one_of("kind", TerritoryKind), CheckConstraint("code ~ '^[a-z0-9-]{1,60}$'", name="code"))

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    period: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str]
    data_version: Mapped[int] = mapped_column(BigInteger)
    answers: Mapped[list[Any]] = mapped_column(JSONB)
    taken_by: Mapped[str]
    taken_at: Mapped[Now]
