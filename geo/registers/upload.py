"""Which files came through the browser and wait to be loaded, and which columns meant what in earlier files?

The bytes of a file lie in a folder of its own (geo.ingest.staging); here stands everything that has to survive the
process: whose file it is, what was answered about it, how far it came. Columns are remembered per source, for loads
from the browser and from the command line alike.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geo.registers.base import SCHEMA, Base, Id, Json, Now


class Upload(Base):
    """One file that somebody sent, until it is loaded, discarded or too old."""

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("state IN ('received', 'checking', 'checked', 'committing', 'committed')", name="state"),
    )

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey(f"{SCHEMA}.account.id", ondelete="CASCADE"))
    actor: Mapped[str]
    folder: Mapped[str] = mapped_column(unique=True)
    file_name: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(server_default="received")
    options: Mapped[Json]
    import_run_id: Mapped[int | None] = mapped_column(ForeignKey(f"{SCHEMA}.import_run.id"))
    created_at: Mapped[Now]
    expires_at: Mapped[datetime]


class ColumnMemory(Base):
    """What people said about the columns of a source's files; `headings` is a digest of all of them."""

    __tablename__ = "column_memory"
    __table_args__ = (UniqueConstraint("register", "source_title"),)

    id: Mapped[Id]
    register: Mapped[str]
    source_title: Mapped[str]
    headings: Mapped[str]
    fields: Mapped[Json]
    key_column: Mapped[str] = mapped_column(server_default="")
    actor: Mapped[str]
    stated_at: Mapped[Now]
