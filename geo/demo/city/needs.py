"""What do residents of the city ask for? Needs with natural titles, priorities, channels and dates.

A need starts as open or rejected; projects that take it up change its status (see projects.py).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from geo.demo.city.chance import stream, weighted
from geo.demo.city.places import Place, Places, theme
from geo.demo.city.titles import NEED_STORIES, NEEDS, fitting, say
from geo.demo.city.world import City, district_code
from geo.demo.files import Row

FIRST, LAST = date(2023, 1, 9), date(2026, 10, 25)
CHANNELS = (
    ("face_to_face", 16), ("paper", 9), ("phone", 12), ("pos_gosuslugi", 24), ("vk", 15), ("telegram", 10),
     ("viber", 4),
    ("whatsapp", 1), ("website", 6), ("active_citizen", 4),
)  # fmt: skip
URGENT = {
    "fire_safety": 3.0,
    "water_supply": 2.2,
    "housing_utilities": 1.8,
    "roads_sidewalks": 1.4,
    "street_lighting": 1.3,
}


@dataclass
class Need:
    """A need; status and answer date are set once it is known which projects take it up."""

    id: str
    place: Place | None
    theme: str
    title: str
    title_en: str
    description: str
    priority: str
    reported_on: date
    channel: str
    affected: int | None
    supporters: int
    territory: str = ""
    public: bool = True
    status: str = "open"
    answered_on: date | None = None

    def row(self, chance: random.Random) -> Row:
        """The row of needs.csv."""
        return {
            "id": self.id, "title": self.title, "title_en": self.title_en, "description": self.description,
            "theme": self.theme, "status": self.status, "priority": self.priority,
            "reported_on": self.reported_on.isoformat(),
            "answered_on": self.answered_on.isoformat() if self.answered_on else "", "channel": self.channel,
            "affected_people": self.affected, "supporters": self.supporters,
            **(self.place.columns(chance) if self.place else {}), "territory": self.territory,
            "public_object": self.public,
        }  # fmt: skip


def needs(city: City) -> list[Need]:
    """All needs of the city, by date."""
    chance = stream(city.plan.seed, "needs")
    places = Places(city, "needs")
    seen: set[str] = set()
    found = [_need(chance, places, seen) for _ in range(city.plan.entries[1])]
    found += _repeated(chance, found)
    found.sort(key=lambda need: (need.reported_on, need.title))
    for number, need in enumerate(found, start=1):
        need.id = f"n-{number:04d}"
    return found


def _need(chance: random.Random, places: Places, seen: set[str]) -> Need:
    place = places.draw()
    subject = theme(chance, place.use)
    for _ in range(12):
        title, english = say(chance, chance.choice(fitting(NEEDS[subject], place.use)), place.spot)
        if title not in seen:
            break
    seen.add(title)
    day = FIRST + timedelta(days=int((LAST - FIRST).days * chance.random() ** 0.85))
    heat = URGENT.get(subject, 1.0)
    priority = weighted(chance, [("critical", 5 * heat), ("high", 22 * heat), ("medium", 48), ("low", 18)])
    description = " ".join(chance.sample(NEED_STORIES, chance.choice((1, 1, 2)))) if chance.random() < 0.4 else ""
    affected = round(chance.lognormvariate(4.6, 0.9) / 10) * 10 if chance.random() < 0.7 else None
    supporters = int(chance.lognormvariate(2.3, 1.0))
    words_only = place.district >= 0 and not place.settlement and chance.random() < 0.035
    return Need(
        "", None if words_only else place, subject, title, english if chance.random() < 0.55 else "", description,
        priority, day, weighted(chance, CHANNELS), affected, supporters,
        territory=district_code(place.district) if words_only else "",
        public="подъезд" not in title and chance.random() < 0.86,
        status="rejected" if chance.random() < 0.045 else "open",
    )  # fmt: skip


def _repeated(chance: random.Random, found: list[Need]) -> list[Need]:
    """A dozen needs are reported twice, weeks later and through another channel."""
    again = []
    for need in chance.sample([n for n in found if n.place is not None], max(2, len(found) // 100)):
        day = min(LAST, need.reported_on + timedelta(days=chance.randint(9, 80)))
        again.append(
            Need(
                "",
                need.place,
                need.theme,
                need.title,
                "",
                "",
                need.priority,
                day,
                weighted(chance, CHANNELS),
                need.affected,
                int(chance.lognormvariate(1.6, 0.8)),
                public=need.public,
                status=need.status,
            )
        )
    return again
