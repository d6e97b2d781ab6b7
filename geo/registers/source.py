"""Where does a row come from? Documents and data sets, with publisher, licence and date."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from geo.registers.base import Base, Id, Now


class Source(Base):
    """One document or data set that rows were taken from."""

    __tablename__ = "source"

    id: Mapped[Id]
    title: Mapped[str] = mapped_column(unique=True)
    publisher: Mapped[str | None]
    url: Mapped[str | None]
    licence: Mapped[str | None]
    locator: Mapped[str | None]
    retrieved_on: Mapped[date | None]
    invented: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[Now]
