"""What is being done, at what stage, with whose money, and which needs does it answer?"""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from geo.errors import N_
from geo.register import Column, Register
from geo.registers.base import SCHEMA, Base, EntryKey, one_of
from geo.vocabulary import DONE_PROJECTS, FundingSource, ProjectStatus


class Project(Base):
    """What only projects have."""

    __tablename__ = "project"
    __table_args__ = (CheckConstraint("total_cost_minor >= 0", name="total_cost"),)

    entry_id: Mapped[EntryKey]
    planned_from: Mapped[date | None]
    planned_to: Mapped[date | None]
    total_cost_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None]
    beneficiaries: Mapped[int | None]
    supporters: Mapped[int | None]
    votes: Mapped[int | None]
    programme: Mapped[str | None]
    initiator: Mapped[str | None]


class ProjectFunding(Base):
    """Money (or its stated worth in kind, kept apart) by source, in minor units of the project's currency."""

    __tablename__ = "project_funding"
    __table_args__ = (one_of("funding_source", FundingSource), CheckConstraint("amount_minor >= 0", name="amount"))

    entry_id: Mapped[EntryKey]
    funding_source: Mapped[str] = mapped_column(primary_key=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)


class ProjectNeed(Base):
    """A need that a project answers."""

    __tablename__ = "project_need"
    __table_args__ = (Index("ix_project_need_need", "need_id"),)

    project_id: Mapped[int] = mapped_column(ForeignKey(f"{SCHEMA}.entry.id", ondelete="CASCADE"), primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey(f"{SCHEMA}.entry.id", ondelete="CASCADE"), primary_key=True)


REGISTER = Register(
    name="project",
    plural="projects",
    title=N_("project"),
    title_plural=N_("projects"),
    table="project",
    statuses=ProjectStatus,
    done=tuple(DONE_PROJECTS),
    begins_title=N_("started on"),
    ends_title=N_("completed on"),
    columns=(
        Column("planned_from", N_("planned from"), is_date=True),
        Column("planned_to", N_("planned to"), is_date=True),
        Column("total_cost_minor", N_("total cost, minor units")),
        Column("currency", N_("currency")),
        Column("beneficiaries", N_("beneficiaries")),
        Column("supporters", N_("supporters")),
        Column("votes", N_("votes")),
        Column("programme", N_("programme")),
        Column("initiator", N_("initiator")),
        Column(
            "funding", N_("funding by source, minor units"),
            "(SELECT coalesce(jsonb_object_agg(f.funding_source, f.amount_minor), '{}')"
            " FROM okruga.project_funding f WHERE f.entry_id = e.id)",
            of=dict[str, int],
        ),
        Column(
            "answers_needs", N_("needs answered"),
            "(SELECT coalesce(array_agg(n.id ORDER BY n.id), '{}') FROM okruga.project_need pn"
            " JOIN okruga.entry n ON n.id = pn.need_id AND n.moderation_state = 'published'"
            " AND NOT EXISTS (SELECT FROM okruga.sensitive x WHERE x.entry_id = n.id)"
            " WHERE pn.project_id = e.id)",
            of=list[int],
        ),
    ),
)  # fmt: skip
