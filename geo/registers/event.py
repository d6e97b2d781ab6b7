"""Where did people take part, in what form, how many, and through which channels?

Head counts are attendances unless the source says that persons were counted once (`unique_persons`).
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geo.errors import N_
from geo.register import Column, Register
from geo.registers.base import FEW, Base, EntryKey, one_of
from geo.vocabulary import Channel, CountQualifier, DecisionForce, EventKind, EventMode, ParticipationLevel


class Event(Base):
    """What only participation events have."""

    __tablename__ = "event"
    __table_args__ = (
        one_of("event_kind", EventKind),
        one_of("event_mode", EventMode),
        one_of("participation_level", ParticipationLevel),
        one_of("decision_force", DecisionForce),
        one_of("count_qualifier", CountQualifier),
        CheckConstraint("participants >= 0", name="participants"),
    )

    entry_id: Mapped[EntryKey]
    event_kind: Mapped[str]
    event_mode: Mapped[str | None]
    participation_level: Mapped[str | None]
    decision_force: Mapped[str | None]
    participants: Mapped[int | None]
    count_qualifier: Mapped[str] = mapped_column(server_default="exact")
    unique_persons: Mapped[bool] = mapped_column(server_default="false")


class EventChannel(Base):
    """Head count of one channel of an event; a person using two channels stands in both."""

    __tablename__ = "event_channel"
    __table_args__ = (one_of("channel", Channel), CheckConstraint("participants >= 0", name="participants"))

    entry_id: Mapped[EntryKey]
    channel: Mapped[str] = mapped_column(primary_key=True)
    participants: Mapped[int]


def shown(people: str, part: str) -> str:
    """SQL of a head count: NULL when it is too small to be shown, when it would give another one away, and for events
    of sensitive themes, which are told as sums over wide areas.

    Small ones are hidden at once, those beside them when the tally is settled: before that no sum holds the event.
    """
    kept_back = f"EXISTS (SELECT FROM okruga.withheld_head w WHERE w.entry_id = e.id AND w.part = {part})"
    sensitive = "EXISTS (SELECT FROM okruga.sensitive x WHERE x.entry_id = e.id)"
    return f"CASE WHEN {people} BETWEEN 1 AND {FEW} OR {kept_back} OR {sensitive} THEN NULL ELSE {people} END"


REGISTER = Register(
    name="event",
    plural="events",
    title=N_("participation event"),
    title_plural=N_("participation events"),
    table="event",
    statuses=None,
    begins_title=N_("first day"),
    ends_title=N_("last day"),
    columns=(
        Column("event_kind", N_("form"), words=EventKind),
        Column("event_mode", N_("mode"), words=EventMode),
        Column("participation_level", N_("level of participation"), words=ParticipationLevel),
        Column("decision_force", N_("force of the decision"), words=DecisionForce),
        Column("participants", N_("number of participants"),
               shown("r.participants", "'participants'")),
        Column("count_qualifier", N_("count qualifier"), words=CountQualifier),
        Column("unique_persons", N_("persons counted once")),
        Column(
            "channels", N_("participants by channel"),
            f"(SELECT coalesce(jsonb_object_agg(c.channel, {shown('c.participants', 'c.channel')}), '{{}}')"
            " FROM okruga.event_channel c WHERE c.entry_id = e.id)",
            of=dict[str, int | None],
        ),
    ),
)  # fmt: skip
