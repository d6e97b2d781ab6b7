"""Which figures were published, by whom, exactly how, and from which inputs?

A published figure is stored as published; what it computes to from its numerator and denominator is shown
beside it (geo.analysis.published), never in its place.
"""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Numeric
from sqlalchemy.orm import Mapped, mapped_column

from geo.errors import N_
from geo.register import Column, Register
from geo.registers.base import Base, EntryKey, one_of
from geo.vocabulary import CountQualifier, PopulationBase


class Observation(Base):
    """What only observations have. `as_published` is the text of the source, letter by letter."""

    __tablename__ = "observation"
    __table_args__ = (one_of("base", PopulationBase), one_of("count_qualifier", CountQualifier))

    entry_id: Mapped[EntryKey]
    measure: Mapped[str]
    base: Mapped[str | None]
    value: Mapped[Decimal | None] = mapped_column(Numeric)
    unit: Mapped[str | None]
    numerator: Mapped[Decimal | None] = mapped_column(Numeric)
    denominator: Mapped[Decimal | None] = mapped_column(Numeric)
    count_qualifier: Mapped[str] = mapped_column(server_default="exact")
    as_published: Mapped[str | None]
    locator: Mapped[str | None]


REGISTER = Register(
    name="observation",
    plural="observations",
    title=N_("observation"),
    title_plural=N_("observations"),
    table="observation",
    statuses=None,
    on_map=False,
    begins_title=N_("period from"),
    ends_title=N_("period to"),
    columns=(
        Column("measure", N_("measure")),
        Column("base", N_("base"), words=PopulationBase),
        Column("value", N_("value")),
        Column("unit", N_("unit")),
        Column("numerator", N_("numerator")),
        Column("denominator", N_("denominator")),
        Column("count_qualifier", N_("count qualifier"), words=CountQualifier),
        Column("as_published", N_("as published")),
        Column("locator", N_("place in the source")),
        Column(
            "territories", N_("about"),
            "(SELECT coalesce(array_agg(t.code ORDER BY t.code), '{}') FROM okruga.entry_territory et"
            " JOIN okruga.territory t ON t.id = et.territory_id WHERE et.entry_id = e.id AND et.role = 'about')",
            of=list[str],
        ),
    ),
)  # fmt: skip
