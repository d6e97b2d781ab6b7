"""Which figures can be asked for? The catalogue: code, title, unit, base, and where the method is explained.

A measure belongs to one question, whose module computes it; maps, API, command line and exports list from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from geo.analysis.figure import Unit
from geo.errors import N_, BadInput
from geo.vocabulary import PopulationBase

COVERAGE, GAPS, PARTICIPATION = "coverage", "gaps", "participation"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a territory. `stock` figures are taken at the end of the period, the others inside it."""

    code: str
    question: str
    title: str
    unit: Unit
    base: PopulationBase | None = None
    themes: bool = True
    distance: bool = False
    stock: bool = True
    more_is_better: bool | None = True
    reference: str = ""

    @property
    def method(self) -> str:
        return f"/docs/method/{self.question}"


R, R16, V = PopulationBase.RESIDENTS, PopulationBase.RESIDENTS_16, PopulationBase.VOTERS

MEASURES: tuple[Measure, ...] = (
    Measure("tos_population_share", COVERAGE, N_("population coverage by TOS"), Unit.SHARE, R, themes=False),
    Measure("tos_area_share", COVERAGE, N_("area coverage by TOS"), Unit.SHARE, themes=False),
    Measure("within_distance_share", COVERAGE, N_("residents near a finished project"), Unit.SHARE, R, distance=True),
    Measure("nearest_project_m", COVERAGE, N_("mean distance to the nearest finished project"), Unit.METRES, R,
            more_is_better=False),
    Measure("access_score", COVERAGE, N_("finished projects within walking reach per 1,000 residents"), Unit.PER_1000,
            R, reference="Gaussian floating catchments: Dai 2010"),
    Measure("uncovered_residents", COVERAGE, N_("residents without a TOS"), Unit.PEOPLE, R, themes=False,
            more_is_better=False),
    Measure("needs_answered_share", GAPS, N_("needs answered"), Unit.SHARE),
    Measure("needs_open", GAPS, N_("open needs"), Unit.COUNT, more_is_better=False),
    Measure("needs_open_per_1000", GAPS, N_("open needs per 1,000 residents"), Unit.PER_1000, R, more_is_better=False),
    Measure("projects_done_per_1000", GAPS, N_("finished projects per 1,000 residents"), Unit.PER_1000, R),
    Measure("uncovered_share", GAPS, N_("share of residents without a TOS"), Unit.SHARE, R, themes=False,
            more_is_better=False),
    Measure("participants_per_1000_16", PARTICIPATION, N_("participants per 1,000 residents aged 16+"), Unit.PER_1000,
            R16, stock=False, reference="Byar interval: Breslow & Day 1987"),
    Measure("participants_per_1000_voters", PARTICIPATION, N_("participants per 1,000 registered voters"),
            Unit.PER_1000, V, stock=False, reference="Byar interval: Breslow & Day 1987"),
    Measure("participants_per_1000_residents", PARTICIPATION, N_("participants per 1,000 residents"), Unit.PER_1000, R,
            stock=False, reference="Byar interval: Breslow & Day 1987"),
    Measure("participants", PARTICIPATION, N_("number of participants"), Unit.PEOPLE, stock=False),
    Measure("participants_per_km2", PARTICIPATION, N_("participants per km²"), Unit.PER_KM2, stock=False),
    Measure("digital_mix_share", PARTICIPATION, N_("share of digital channels in all uses"), Unit.SHARE, stock=False,
            more_is_better=None),
)  # fmt: skip
BY_CODE = {measure.code: measure for measure in MEASURES}


def measure_of(code: str) -> Measure:
    """The measure of that code. BadInput names the nearest ones otherwise."""
    if code in BY_CODE:
        return BY_CODE[code]
    raise BadInput(
        N_("There is no measure {code}."), remedy=N_("Known measures: {known}."), code=code, known=", ".join(BY_CODE)
    )


def measures_of(question: str) -> tuple[Measure, ...]:
    """The measures of a question, its default first."""
    return tuple(measure for measure in MEASURES if measure.question == question)
