"""What is being done in the city? Initiative projects with stages, dates, money by source and the needs they answer."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from shapely.geometry import Point

from geo.demo.city.chance import stream, weighted
from geo.demo.city.needs import LAST, Need
from geo.demo.city.places import Place, Places, theme
from geo.demo.city.titles import PROJECT_STORIES, PROJECTS, fitting, say
from geo.demo.city.world import HERE, City, district_code
from geo.demo.files import Row

# thousands of roubles: median and how widely it scatters
COST = {
    "landscaping": (1900, 0.7), "playgrounds_sports_grounds": (1500, 0.6), "roads_sidewalks": (2900, 0.7),
    "housing_utilities": (1700, 0.7), "water_supply": (2600, 0.6), "street_lighting": (720, 0.6),
    "fire_safety": (520, 0.7),
    "municipal_equipment": (640, 0.5), "cultural_heritage": (1500, 0.9), "culture_leisure": (1100, 0.8),
    "environment": (420, 0.7), "social_support": (380, 0.7), "sport_physical_culture": (360, 0.6),
}  # fmt: skip
# programme, weight, shares of money by source (the first takes the rest)
PROGRAMMES: tuple[tuple[str, float, dict[str, tuple[float, float]]], ...] = (
    (
        "ППМИ-{year}",
        46,
        {"regional": (0.7, 0.85), "municipal": (0.05, 0.12), "residents": (0.03, 0.07), "business": (0.02, 0.08)},
    ),
    ("Инициативный бюджет {year}", 27, {"municipal": (0.8, 0.92), "residents": (0.04, 0.1), "business": (0.0, 0.1)}),
    ("Комфортная городская среда", 9, {"federal": (0.78, 0.86), "regional": (0.1, 0.16), "municipal": (0.02, 0.05)}),
    ("Конкурс ТОС-{year}", 10, {"grant": (0.75, 0.9), "residents": (0.05, 0.15), "business": (0.0, 0.08)}),
    ("Президентский фонд", 5, {"grant": (0.8, 0.95), "donor": (0.0, 0.12), "municipal": (0.0, 0.05)}),
    ("", 3, {"residents": (0.5, 0.8), "business": (0.15, 0.4)}),
)
STAGES: dict[int, tuple[tuple[str, float], ...]] = {
    2023: (("reported", 44), ("completed", 30), ("in_progress", 2), ("cancelled", 6), ("not_selected", 18)),
    2024: (("reported", 28), ("completed", 38), ("in_progress", 7), ("cancelled", 6), ("not_selected", 19),
        ("planned", 2)),
    2025: (("reported", 9), ("completed", 41), ("in_progress", 15), ("planned", 9), ("cancelled", 5),
        ("not_selected", 19), ("selected", 2)),
    2026: (("completed", 12), ("in_progress", 20), ("planned", 12), ("selected", 12), ("applied", 14),
        ("discussed", 12), ("idea", 10),
           ("not_selected", 7), ("cancelled", 1)),
}  # fmt: skip
OPEN_STAGES = ("idea", "discussed", "applied")


@dataclass
class Project:
    """A project with its place, money (in roubles by source) and the needs it answers."""

    id: str
    place: Place
    theme: str
    secondary: str
    title: str
    title_en: str
    description: str
    status: str
    year: int
    planned_from: date | None = None
    planned_to: date | None = None
    starts_on: date | None = None
    completed_on: date | None = None
    money: dict[str, int] = field(default_factory=dict)
    programme: str = ""
    initiator: str = ""
    beneficiaries: int | None = None
    supporters: int | None = None
    votes: int | None = None
    answers: list[str] = field(default_factory=list)
    shape: str = ""
    territory: str = ""

    @property
    def done(self) -> bool:
        """Whether the project is finished."""
        return self.status in ("completed", "reported")

    def row(self, chance: random.Random) -> Row:
        """The row of projects.csv; `total_cost` is the sum of the money, in kind and labour stand apart."""
        cash = sum(amount for source, amount in self.money.items() if source not in ("in_kind", "labour"))
        return {
            "id": self.id, "title": self.title, "title_en": self.title_en, "description": self.description,
            "theme": self.theme, "secondary_themes": self.secondary, "status": self.status,
            "planned_from": _text(self.planned_from), "planned_to": _text(self.planned_to),
            "starts_on": _text(self.starts_on), "completed_on": _text(self.completed_on), **self._place(chance),
            **{f"funding_{source}": amount for source, amount in self.money.items()},
            "total_cost": cash or None, "currency": "RUB" if cash else "", "beneficiaries": self.beneficiaries,
            "supporters": self.supporters, "votes": self.votes, "programme": self.programme,
            "initiator": self.initiator, "answers_needs": ";".join(self.answers),
        }  # fmt: skip

    def _place(self, chance: random.Random) -> dict[str, object]:
        if self.territory:
            return {"territory": self.territory}
        columns = self.place.columns(chance)
        return {"wkt": self.shape, "address": columns["address"]} if self.shape else columns


def projects(city: City, needs: Sequence[Need]) -> list[Project]:
    """All projects; statuses and answer dates of the needs they take up are set on the way."""
    chance = stream(city.plan.seed, "projects")
    places = Places(city, "projects")
    seen: set[str] = set()
    found = [_project(chance, places, seen) for _ in range(city.plan.entries[0])]
    found.sort(key=lambda project: (project.year, project.title))
    for number, project in enumerate(found, start=1):
        project.id = f"p-{number:04d}"
        _finance(chance, project)
        _support(chance, city, project)
    _link(chance, found, needs)
    _answer_by_statement(chance, needs)
    return found


def _project(chance: random.Random, places: Places, seen: set[str]) -> Project:
    place = places.draw()
    subject = theme(chance, place.use)
    for _ in range(12):
        pattern = chance.choice(fitting(PROJECTS[subject], place.use))
        title, english = say(chance, pattern, place.spot)
        if title not in seen:
            break
    seen.add(title)
    year = weighted(chance, ((2023, 20), (2024, 25), (2025, 31), (2026, 24)))
    status = weighted(chance, STAGES[year])
    description = " ".join(chance.sample(PROJECT_STORIES, chance.choice((1, 1, 2)))) if chance.random() < 0.45 else ""
    secondary = theme(chance, place.use) if chance.random() < 0.13 else ""
    project = Project(
        "", place, subject, "" if secondary == subject else secondary, title,
        english if chance.random() < 0.6 else "", description, status, year,
    )  # fmt: skip
    _dates(chance, project)
    if "{along}" in pattern[0] and chance.random() < 0.45:
        part = places.along_street(place)
        project.shape = HERE.degrees(part.simplify(1.5)).wkt if part is not None else ""
    if place.district >= 0 and not project.shape and chance.random() < 0.03:
        project.territory = district_code(place.district)
    return project


def _dates(chance: random.Random, project: Project) -> None:
    """Planned and actual dates that fit the stage; nothing happens after the data were taken."""
    if project.status in ("idea", "discussed"):
        return
    start = date(project.year, chance.randint(4, 7), chance.randint(1, 28))
    length = chance.choice((45, 60, 75, 90, 120, 150)) + chance.randint(-10, 20)
    project.planned_from, project.planned_to = start, start + timedelta(days=length)
    if project.status in ("applied", "selected", "not_selected", "planned"):
        return
    begun = start + timedelta(days=chance.choice((0, 0, 7, 14, 30, 45)))
    if project.status == "cancelled":
        project.starts_on = begun if chance.random() < 0.3 else None
        return
    project.starts_on = min(begun, LAST - timedelta(days=20))
    if project.done:
        late = chance.choice((0, 0, 0, 10, 20, 35, 60, 150))
        ended = max(project.planned_to + timedelta(days=late), project.starts_on + timedelta(days=14))
        project.completed_on = min(ended, LAST - timedelta(days=chance.randint(0, 12)))


def _finance(chance: random.Random, project: Project) -> None:
    """Money by source in whole hundreds; the parts are the total, by construction."""
    if project.status == "idea" or (project.status == "discussed" and chance.random() < 0.6):
        return
    median, scatter = COST.get(project.theme, (450, 0.7))
    total = max(20, round(median * math.exp(chance.gauss(0, scatter)))) * 1000
    name, shares = weighted(chance, [((name, shares), weight) for name, weight, shares in PROGRAMMES])
    project.programme = name.format(year=project.year)
    main, *others = shares
    parts = {source: round(total * chance.uniform(*shares[source]) / 100) * 100 for source in others}
    project.money = {main: total - sum(parts.values())} | {source: sum_ for source, sum_ in parts.items() if sum_}
    if chance.random() < 0.22:
        project.money["in_kind"] = round(total * chance.uniform(0.01, 0.06) / 100) * 100
    if chance.random() < 0.26:
        project.money["labour"] = round(total * chance.uniform(0.01, 0.08) / 100) * 100


def _support(chance: random.Random, city: City, project: Project) -> None:
    """Who proposed it, how many stand behind it and how many it serves."""
    place = project.place
    spot = Point(place.x, place.y)
    since = f"{project.year}-03-01"
    own = [tos for tos in city.tos if tos.status != "founding" and tos.since < since and tos.shape.contains(spot)]
    if own and chance.random() < 0.75:
        project.initiator = own[0].name
    elif place.settlement:
        project.initiator = f"Староста и жители: {place.settlement}"
    else:
        project.initiator = chance.choice((
            f"Инициативная группа жителей {place.spot.of}", f"Совет дома: {place.spot.house}",
            "Инициативная группа родителей", f"Жители {place.spot.of}", "",
        ))  # fmt: skip
    project.beneficiaries = round(chance.lognormvariate(6.2, 0.8) / 10) * 10 if chance.random() < 0.8 else None
    if project.status not in ("idea", "discussed"):
        project.supporters = int(chance.lognormvariate(4.6, 0.7))
        project.votes = int(chance.lognormvariate(5.0, 0.8)) if chance.random() < 0.6 else None


def _link(chance: random.Random, found: Sequence[Project], needs: Sequence[Need]) -> None:
    """Most projects take up needs of their theme reported before them within 900 m."""
    taken: set[str] = set()
    for project in found:
        if chance.random() > 0.78 or project.territory:
            continue
        applied = date(project.year, 4, 1)
        near = [
            need for need in needs
            if need.theme == project.theme and need.place is not None and need.id not in taken
            and need.status == "open" and need.reported_on < applied
            and math.hypot(need.place.x - project.place.x, need.place.y - project.place.y) < 900
        ]  # fmt: skip
        for need in near[: chance.choice((1, 1, 2, 3))]:
            taken.add(need.id)
            project.answers.append(need.id)
            _follow(chance, project, need)


def _follow(chance: random.Random, project: Project, need: Need) -> None:
    """The status a need takes from its project."""
    if project.done and project.completed_on:
        need.status = "answered"
        if chance.random() < 0.7:
            need.answered_on = min(LAST, project.completed_on + timedelta(days=chance.randint(0, 30)))
    elif project.status == "in_progress":
        need.status = "in_progress"
    elif project.status in ("selected", "planned"):
        need.status = "planned"


def _answer_by_statement(chance: random.Random, needs: Sequence[Need]) -> None:
    """Some needs are answered without a project: a lamp was mended, a tree felled."""
    for need in needs:
        age = (LAST - need.reported_on).days
        if need.status == "open" and chance.random() < min(0.3, age / 2400):
            need.status = "answered"
            need.answered_on = min(LAST, need.reported_on + timedelta(days=chance.randint(3, max(4, min(age, 260)))))


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""
