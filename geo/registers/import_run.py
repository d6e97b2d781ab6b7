"""Which load brought or changed these rows, who made it, and can it be undone?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from geo.registers.base import SCHEMA, Base, Id, Json, Now


class ImportRun(Base):
    """One committed load of one file; every row it wrote carries its id."""

    __tablename__ = "import_run"
    __table_args__ = (CheckConstraint("state IN ('committed', 'undone')", name="state"),)

    id: Mapped[Id]
    register: Mapped[str]
    kind: Mapped[str | None]
    file_name: Mapped[str]
    file_sha256: Mapped[str]
    source_id: Mapped[int] = mapped_column(ForeignKey(f"{SCHEMA}.source.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey(f"{SCHEMA}.account.id"))
    actor: Mapped[str]
    demo: Mapped[bool] = mapped_column(server_default="false")
    state: Mapped[str] = mapped_column(server_default="committed")
    options: Mapped[Json]
    report: Mapped[Json]
    committed_at: Mapped[Now]
    undone_at: Mapped[datetime | None]
