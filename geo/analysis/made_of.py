"""What was divided by what? The two counts of each measure in words, for those who ask where a figure comes from."""

from __future__ import annotations

from geo.analysis.measures import ACCESS_FORMS
from geo.errors import N_

CELLS = N_("residents counted in population cells")
CELLS_ON_FOOT = N_("residents counted in population cells that a street reaches")
INSIDE_TOS = N_("residents inside an active TOS")
WITHOUT_TOS = N_("residents outside every active TOS")
STATED = N_("stated residents")
STATED_16 = N_("stated residents aged 16+")
OPEN = N_("needs reported and not answered up to the end of the period")
REPORTED = N_("needs reported up to the end of the period, rejected ones left out")
HEADS = N_("attendances of events in the period")
USES = N_("uses of the channel at events whose channels are known")
EVERY_USE = N_("uses of all channels at events whose channels are known")
DONE = N_("projects finished up to the end of the period")

SHARED_OUT = N_("finished projects, each shared out among the residents within its reach")
KM2 = N_("square kilometres of the territory")

# numerator and denominator; an empty text: the figure has no such count
MADE_OF: dict[str, tuple[str, str]] = {
    "tos_population_share": (INSIDE_TOS, CELLS),
    "tos_area_share": (N_("square metres inside an active TOS"), N_("square metres of the territory")),
    "within_distance_share": (N_("residents with a finished project within the distance"), CELLS),
    "nearest_project_m": (
        N_("metres of all residents with a finished project within 5 km, added up"),
        N_("residents with a finished project within 5 km"),
    ),
    **dict.fromkeys(("access_score", *ACCESS_FORMS), (SHARED_OUT, CELLS)),
    "needs_open_per_km2": (OPEN, KM2),
    "projects_done_per_km2": (DONE, KM2),
    "events_per_km2": (N_("events in the period"), KM2),
    "participants_surface": (HEADS, KM2),
    "events_surface": (N_("events in the period"), KM2),
    "uncovered_residents": (WITHOUT_TOS, CELLS),
    "uncovered_share": (WITHOUT_TOS, CELLS),
    "needs_answered_share": (N_("needs answered by a finished project or by a dated statement"), REPORTED),
    "needs_open": (OPEN, REPORTED),
    "needs_open_per_1000": (OPEN, STATED),
    "projects_done_per_1000": (DONE, STATED),
    "gap_index": ("", ""),
    "underserved": ("", ""),
    "need_supply_class": ("", ""),
    "hot_spot": ("", ""),
    "local_moran": ("", ""),
    "needs_without_project": (N_("needs that no live project takes up and no dated statement answers"), REPORTED),
    "money_per_resident": (N_("money of projects begun up to the end of the period"), STATED),
    "projects_overdue": (N_("projects whose planned end has passed and that are not finished"), ""),
    "projects_without_money": (N_("projects decided on of which no money is known"), ""),
    "projects_without_report": (N_("projects finished with money more than 30 days ago without a report"), ""),
    "base_organisations": (N_("base civic organisations with a mandate over the territory"), ""),
    "participants_per_1000_16": (HEADS, STATED_16),
    "participants_per_1000_voters": (HEADS, N_("registered voters")),
    "participants_per_1000_residents": (HEADS, STATED),
    "participants": (HEADS, ""),
    "participants_per_km2": (HEADS, N_("square kilometres of the territory")),
    "digital_mix_share": (N_("uses of digital channels"), EVERY_USE),
    "smoothed_rate": (HEADS, STATED_16),
    "funnel_plot": (HEADS, STATED_16),
    "participants_change": (N_("attendances of the year minus those of the year compared with"), ""),
    "channel_reach_share": (USES, N_("attendances of events whose channels are known")),
    "channel_mix_share": (USES, EVERY_USE),
    "representation_deviation_share": (N_("registered voters"), N_("the mean norm of voters per seat")),
}


def made_of(code: str, by: str | None = None) -> tuple[str, str]:
    """Numerator and denominator of a measure; on foot (`by` is "foot") only those whom a street reaches stand in it."""
    above, below = MADE_OF[code]
    return above, CELLS_ON_FOOT if by == "foot" and below == CELLS else below
