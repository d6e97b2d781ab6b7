"""What helps to find one's way on the map: water, green, railways, main streets. Not counted, not entries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from geo.registers.base import Base, Id, RunRef, SourceRef, good_shape, shape

CONTEXT_KINDS = ("water", "stream", "green", "rail", "main")


class ContextFeature(Base):
    """One thing of the backdrop."""

    __tablename__ = "context_feature"
    __table_args__ = (
        CheckConstraint(f"context_kind IN {CONTEXT_KINDS}", name="context_kind"),
        good_shape(),
        Index("ix_context_feature_geom", "geom", postgresql_using="gist"),
        Index("ix_context_feature_run", "import_run_id"),
    )

    id: Mapped[Id]
    context_kind: Mapped[str]
    name: Mapped[str | None]
    geom: Mapped[Any] = mapped_column(shape(), nullable=False)
    source_id: Mapped[SourceRef]
    import_run_id: Mapped[RunRef]
