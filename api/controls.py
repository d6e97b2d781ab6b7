"""What else can a figure be asked with? The further controls of a measure: their titles, limits and defaults.

Only the measures that listen to them have any; a page asks for them when such a measure is chosen.
"""

from __future__ import annotations

from typing import Any

from api.deps import Visit
from geo.analysis import areas
from geo.analysis.clusters import COLUMNS as CLUSTERS
from geo.analysis.clusters import DEFAULT, suits
from geo.analysis.measures import MEASURES, Measure
from geo.analysis.scores import Rule
from geo.analysis.town_events import SPREADS
from geo.errors import N_
from geo.vocabulary import Channel
from maps import text

BY_CHANNEL = ("channel_reach_share", "channel_mix_share", "participants", "participants_per_1000_16")
HIGHEST_WEIGHT = 5
MOST_NEEDS = 50


def asks(measure: Measure) -> bool:
    """Whether a measure has further controls."""
    code = measure.code
    return measure.walkable or code in CLUSTERS or code in BY_CHANNEL or code in SPREADS or code in (
        "underserved", "participants_change"
    )  # fmt: skip


def controls(visit: Visit, measure: Measure) -> list[dict[str, Any]]:
    """The further controls of a measure, in reading order."""
    found: list[dict[str, Any]] = []
    if measure.walkable:
        ways = [("line", N_("in a straight line")), ("foot", N_("on foot"))]
        found.append(choice(visit, "by", N_("Distance is measured"), ways, "line"))
    if measure.code in CLUSTERS:
        looked = [(each.code, each.title) for each in MEASURES if suits(each)]
        found.append(choice(visit, "of", N_("Looked for in"), looked, DEFAULT))
    if measure.code in BY_CHANNEL:
        found.append(channel(visit, measure))
    if measure.code in SPREADS:
        ways = [
            ("apart", N_("count for the town only")),
            ("residents_16", N_("spread over the areas by residents 16+")),
        ]
        found.append(choice(visit, "town_events", N_("Events of the whole town"), ways, "apart"))
    if measure.code == "participants_change":
        years = [
            ("", N_("the year before")),
            *((str(year), str(year)) for year in areas.periods(visit.connection)[::-1]),
        ]
        found.append(choice(visit, "against", N_("Compared with"), years, ""))
    return [*found, *(rule(visit) if measure.code == "underserved" else [])]


def choice(visit: Visit, name: str, title: str, options: list[tuple[str, str]], default: str) -> dict[str, Any]:
    """A list to choose from."""
    said = [{"code": code, "title": visit.say(each)} for code, each in options]
    return {"name": name, "title": visit.say(title), "kind": "choice", "options": said, "default": default}


def channel(visit: Visit, measure: Measure) -> dict[str, Any]:
    """The channels of participation; all together where that means anything."""
    every = [("", N_("all channels"))] if measure.code.startswith("participants") else []
    found = choice(visit, "channel", N_("Channel"), every, every[0][0] if every else Channel.FACE_TO_FACE.value)
    found["options"] += [{"code": each.value, "title": text.title(each, visit.lang)} for each in Channel]
    return found


def rule(visit: Visit) -> list[dict[str, Any]]:
    """Limits and weights of the underserved rule."""
    usual = Rule()
    shares = (
        ("tos_below", N_("Few under a TOS: less than"), usual.tos_share_below),
        ("reach_below", N_("Few near a project: less than"), usual.reach_share_below),
    )
    numbers = (
        ("needs_from", N_("Open needs: at least"), usual.needs_at_least, MOST_NEEDS),
        ("tos_weight", N_("Points for few under a TOS"), usual.tos_weight, HIGHEST_WEIGHT),
        ("reach_weight", N_("Points for few near a project"), usual.reach_weight, HIGHEST_WEIGHT),
        ("needs_weight", N_("Points for open needs"), usual.needs_weight, HIGHEST_WEIGHT),
        ("points_from", N_("Underserved from points"), usual.points_from, 3 * HIGHEST_WEIGHT),
    )
    return [
        *({"name": name, "title": visit.say(title), "kind": "share", "default": str(value), "low": 0, "high": 1,
           "step": 0.05} for name, title, value in shares),
        *({"name": name, "title": visit.say(title), "kind": "number", "default": str(value), "low": 0, "high": most,
           "step": 1} for name, title, value, most in numbers),
    ]  # fmt: skip
