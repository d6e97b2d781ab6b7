"""What do residents ask for, how pressing is it, and has it been answered?"""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geo.errors import N_
from geo.register import Column, Register
from geo.registers.base import FEW, Base, EntryKey, one_of
from geo.vocabulary import Channel, NeedPriority, NeedStatus


class Need(Base):
    """What only needs have. `public_object` says that the place is a public object, not somebody's home."""

    __tablename__ = "need"
    __table_args__ = (
        one_of("priority", NeedPriority),
        one_of("channel", Channel),
        CheckConstraint("affected_people >= 0 AND supporters >= 0", name="people"),
    )

    entry_id: Mapped[EntryKey]
    priority: Mapped[str]
    channel: Mapped[str | None]
    affected_people: Mapped[int | None]
    supporters: Mapped[int | None]
    public_object: Mapped[bool] = mapped_column(server_default="false")


REGISTER = Register(
    name="need",
    plural="needs",
    title=N_("need"),
    title_plural=N_("needs"),
    table="need",
    statuses=NeedStatus,
    done=(NeedStatus.ANSWERED,),
    begins_title=N_("reported on"),
    ends_title=N_("answered on"),
    coarse=True,
    columns=(
        Column("priority", N_("priority"), words=NeedPriority),
        Column("channel", N_("channel"), words=Channel),
        Column("affected_people", N_("people affected"),
               f"CASE WHEN r.affected_people BETWEEN 1 AND {FEW} THEN NULL ELSE r.affected_people END"),
        Column("supporters", N_("supporters"),
               f"CASE WHEN r.supporters BETWEEN 1 AND {FEW} THEN NULL ELSE r.supporters END"),
        Column(
            "answered_by", N_("projects that answer it"),
            "(SELECT coalesce(array_agg(p.id ORDER BY p.id), '{}') FROM okruga.project_need pn"
            " JOIN okruga.entry p ON p.id = pn.project_id AND p.moderation_state = 'published'"
            " WHERE pn.need_id = e.id)",
            of=list[int],
        ),
    ),
)  # fmt: skip
