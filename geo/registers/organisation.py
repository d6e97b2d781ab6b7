"""Which bodies act here, what are they, and for which territory do they hold a mandate?

Territories of an organisation stand in `entry_territory` (role `mandate`): a TOS body's TOS, the okrugs of a base
civic organisation. No person is named: seats and roles only.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped

from geo.errors import N_
from geo.register import Column, Register
from geo.registers.base import Base, EntryKey, one_of
from geo.vocabulary import OrganisationKind


class Organisation(Base):
    """What only organisations have. A 12-digit INN belongs to a person and is refused."""

    __tablename__ = "organisation"
    __table_args__ = (
        one_of("organisation_kind", OrganisationKind),
        CheckConstraint("inn ~ '^[0-9]{10}$'", name="inn"),
        CheckConstraint("ogrn ~ '^[0-9]{13}$|^[0-9]{15}$'", name="ogrn"),
    )

    entry_id: Mapped[EntryKey]
    organisation_kind: Mapped[str]
    inn: Mapped[str | None]
    ogrn: Mapped[str | None]
    seats: Mapped[int | None]


REGISTER = Register(
    name="organisation",
    plural="organisations",
    title=N_("organisation"),
    title_plural=N_("organisations"),
    table="organisation",
    statuses=None,
    begins_title=N_("founded on"),
    ends_title=N_("dissolved on"),
    columns=(
        Column("organisation_kind", N_("kind"), words=OrganisationKind),
        Column("inn", N_("INN")),
        Column("ogrn", N_("OGRN")),
        Column("seats", N_("seats")),
        Column(
            "territories", N_("mandate over"),
            "(SELECT coalesce(array_agg(t.code ORDER BY t.code), '{}') FROM okruga.entry_territory et"
            " JOIN okruga.territory t ON t.id = et.territory_id WHERE et.entry_id = e.id AND et.role = 'mandate')",
            of=list[str],
        ),
    ),
)  # fmt: skip
