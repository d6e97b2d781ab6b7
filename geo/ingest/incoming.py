"""What may a row of a list, or the body of a request, say? One model per register; the same parsers check both.

Fields are named as in files and requests (their alias); amounts of money are given in major units and held in minor
ones (`total_cost` -> `total_cost_minor`). Unknown fields are refused; what a file has beyond them goes to `extra`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar

import pyarrow as pa
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from shapely.geometry.base import BaseGeometry

from geo.errors import N_
from geo.geocode.coordinates import Coordinates
from geo.ingest import values
from geo.ingest.rules import RULES, Rule
from geo.ingest.values import Kind, Wrong
from geo.vocabulary import (
    BoundaryPrecision,
    Channel,
    CountQualifier,
    DecisionForce,
    EventKind,
    EventMode,
    MunicipalityForm,
    NeedPriority,
    NeedStatus,
    OrganisationKind,
    ParticipationLevel,
    PopulationBase,
    ProjectStatus,
    TerritoryKind,
    Theme,
    TosLevel,
    TosStatus,
    Word,
)

TEXT, INTEGER, REAL, DAY = pa.string(), pa.int64(), pa.float64(), pa.date32()
TEXTS = pa.list_(pa.string())

ID = Kind("id", values.text_of(200), TEXT, keeps_marks=True, longest=None)
TITLE = Kind("title", values.text_of(500), TEXT, longest=None)
LINE = Kind("line", values.text_of(2_000), TEXT, longest=None)
STORY = Kind("story", values.text_of(50_000), TEXT, longest=None)
URL = Kind("url", values.web_address, TEXT, longest=2_000)
COUNT = Kind("count", values.whole(), INTEGER)
NUMBER = Kind("number", values.real, REAL)
MONEY = Kind("money", values.minor_units, INTEGER)
COORDINATE = Kind("coordinate", values.coordinate, REAL)
PAIR = Kind("coordinates", values.pair, TEXT, longest=2_000)
YEAR = Kind("year", values.year, INTEGER)
FIRST_DAY = Kind("date", values.day, DAY)
LAST_DAY = Kind("date_end", lambda text: values.day(text, True), DAY)
FLAG = Kind("flag", values.flag, pa.bool_(), keeps_marks=True)
IDS = Kind("ids", values.several(values.text_of(200)), TEXTS, longest=20_000)
NAMES = Kind("names", values.several(values.text_of(500)), TEXTS, longest=20_000)
OKTMO = Kind("oktmo", values.digits(8, 11, name="OKTMO"), TEXT)
INN = Kind("inn", values.digits(10, 12, name="INN"), TEXT, warns=values.check_digits)
OGRN = Kind("ogrn", values.digits(13, 15, name="OGRN"), TEXT, warns=values.check_digits)
OSM = Kind("osm_id", values.osm_id, TEXT)
WIKIDATA = Kind("wikidata_id", values.wikidata_id, TEXT)
CELL = Kind("h3", values.cell, TEXT)
CURRENCY = Kind("currency", values.currency, TEXT)
THEMES = Kind("themes", values.several(values.word(Theme)), TEXTS, longest=20_000)


def one_of(vocabulary: type[Word]) -> Kind:
    """The kind of a field that holds one word of a closed list."""
    return Kind(vocabulary.context(), values.word(vocabulary), TEXT)


Id = Annotated[str | None, BeforeValidator(ID)]
Title = Annotated[str | None, BeforeValidator(TITLE)]
Line = Annotated[str | None, BeforeValidator(LINE)]
Story = Annotated[str | None, BeforeValidator(STORY)]
Url = Annotated[str | None, BeforeValidator(URL)]
Count = Annotated[int | None, BeforeValidator(COUNT)]
Number = Annotated[float | None, BeforeValidator(NUMBER)]
Money = Annotated[int | None, BeforeValidator(MONEY, json_schema_input_type=float | str | None)]
Coordinate = Annotated[float | None, BeforeValidator(COORDINATE)]
Pair = Annotated[
    Coordinates | None, BeforeValidator(PAIR), WithJsonSchema({"type": "string", "description": "51.53, 46.03"})
]
Year = Annotated[int | None, BeforeValidator(YEAR)]
Begin = Annotated[date | None, BeforeValidator(FIRST_DAY)]
End = Annotated[date | None, BeforeValidator(LAST_DAY)]
Flag = Annotated[bool | None, BeforeValidator(FLAG)]
Ids = Annotated[list[str] | None, BeforeValidator(IDS)]
Names = Annotated[list[str] | None, BeforeValidator(NAMES)]
Themes = Annotated[list[Theme] | None, BeforeValidator(THEMES)]
ThemeWord = Annotated[Theme | None, BeforeValidator(one_of(Theme))]
Qualifier = Annotated[CountQualifier | None, BeforeValidator(one_of(CountQualifier))]


def shape_of(value: Any) -> BaseGeometry | None:
    """A shape out of GeoJSON (a request) or a shapely shape (a reader). Raises Wrong."""
    from geo.ingest.readers.geojson import Collector
    from geo.ingest.readers.rings import Mended, Unusable

    if value is None or isinstance(value, BaseGeometry):
        return value
    try:
        return Collector("").build(value, Mended(), 0)
    except Unusable as fault:
        raise Wrong(fault.code, fault.message.msgid, fault.remedy.msgid, **fault.message.params) from None


Shape = Annotated[
    BaseGeometry | None,
    BeforeValidator(shape_of),
    WithJsonSchema({"type": "object", "description": "GeoJSON geometry"}),
]
Wkt = Annotated[
    BaseGeometry | None,
    BeforeValidator(Kind("wkt", values.wkt, TEXT, longest=None)),
    WithJsonSchema({"type": "string"}),
]


class Row(BaseModel):
    """What all rows share: nothing unknown passes silently, contradictions are refused."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, populate_by_name=True)

    register: ClassVar[str]
    # field -> field whose text stands in when it is empty
    stand_in: ClassVar[tuple[str, str] | None] = None
    # counts that may carry a qualifier such as "not less than"
    qualified: ClassVar[tuple[str, ...]] = ()

    needed: ClassVar[tuple[str, ...]] = ()

    extra: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, row: Any) -> Any:
        if not isinstance(row, dict):
            return row
        row = dict(row)
        if (
            cls.stand_in
            and not str(row.get(cls.stand_in[0]) or "").strip()
            and isinstance(row.get(cls.stand_in[1]), str)
        ):
            row[cls.stand_in[0]] = first_words(row[cls.stand_in[1]])
        for name in cls.qualified:
            if isinstance(row.get(name), str):
                row[name], qualifier = values.qualified(row[name].strip())
                if qualifier and not row.get("count_qualifier"):
                    row["count_qualifier"] = qualifier
        return row

    @model_validator(mode="after")
    def _agree(self) -> Row:
        for name in self.needed:
            if getattr(self, name) is None:
                raise missing(name)
        for rule in self.rules():
            stated = [getattr(self, name) for name in rule.fields]
            if rule.refuses and bool(rule.broken(*stated)):
                raise Wrong(rule.code, rule.message.msgid, rule.remedy.msgid)
        return self

    @classmethod
    def rules(cls) -> tuple[Rule, ...]:
        """The rules between fields of this register."""
        return RULES.get(cls.register, ())

    @classmethod
    def kinds(cls) -> Mapping[str, tuple[str, Kind]]:
        """Alias (name in files) -> attribute and kind of value, for every field a column of text can fill."""
        found = {}
        for name, info in cls.model_fields.items():
            kind = next((meta.func for meta in info.metadata if isinstance(meta, BeforeValidator)), None)
            if isinstance(kind, Kind):
                found[info.alias or name] = (name, kind)
        return found


def missing(name: str) -> Wrong:
    """The refusal of a row without a field it needs."""
    return Wrong(
        "missing",
        N_("The row has no {field}."),
        N_("Fill it in, or name the column that holds it with --map."),
        field=name,
    )


def first_words(text: str, longest: int = 120) -> str:
    """The beginning of a text, cut between words."""
    line = text.strip().splitlines()[0] if text.strip() else ""
    return line if len(line) <= longest else line[:longest].rsplit(" ", 1)[0] + "…"


class Placed(Row):
    """Where something is: coordinates, a shape, an address, or the territory the source names."""

    lat: Coordinate = None
    lon: Coordinate = None
    coordinates: Pair = None
    geometry: Shape = None
    wkt: Wkt = None
    address: Line = None
    settlement: Line = None

    @model_validator(mode="after")
    def _located(self) -> Placed:
        if self.coordinates is not None and self.lat is None and self.lon is None:
            self.lat, self.lon = self.coordinates.lat, self.coordinates.lon
        return self


class BoundaryRow(Row):
    register: ClassVar[str] = "boundaries"
    needed: ClassVar[tuple[str, ...]] = ("name",)
    stand_in: ClassVar[tuple[str, str] | None] = ("name", "code")

    code: Id = None
    name: Title = None
    name_en: Title = None
    name_ky: Title = None
    parent: Title = None
    municipality_form: Annotated[MunicipalityForm | None, BeforeValidator(one_of(MunicipalityForm))] = None
    oktmo: Annotated[str | None, BeforeValidator(OKTMO)] = None
    osm_id: Annotated[str | None, BeforeValidator(OSM)] = None
    wikidata_id: Annotated[str | None, BeforeValidator(WIKIDATA)] = None
    tos_status: Annotated[TosStatus | None, BeforeValidator(one_of(TosStatus))] = None
    tos_level: Annotated[TosLevel | None, BeforeValidator(one_of(TosLevel))] = None
    charter_number: Line = None
    charter_registered_on: Begin = None
    valid_from: Begin = None
    valid_to: End = None
    legal_act: Line = None
    legal_act_on: Begin = None
    legal_text: Story = None
    precision: Annotated[BoundaryPrecision | None, BeforeValidator(one_of(BoundaryPrecision))] = None
    geometry: Shape = None
    wkt: Wkt = None


class GroupRow(Row):
    """One territory in a group: the group by name (and code), the member by code or name."""

    register: ClassVar[str] = "groups"
    needed: ClassVar[tuple[str, ...]] = ("group", "territory")

    group: Title = None
    group_en: Title = None
    group_code: Id = None
    territory: Title = None
    kind: Annotated[TerritoryKind | None, BeforeValidator(one_of(TerritoryKind))] = None
    valid_from: Begin = None
    valid_to: End = None


class PopulationRow(Row):
    register: ClassVar[str] = "population"
    needed: ClassVar[tuple[str, ...]] = ("territory", "year")

    territory: Title = None
    year: Year = None
    residents: Count = None
    residents_16: Count = None
    residents_over_16: Count = None
    voters: Count = None


class CellRow(Row):
    """A small area with its residents: a hexagon by its index, or any shape with a code of its own."""

    register: ClassVar[str] = "cells"
    needed: ClassVar[tuple[str, ...]] = ("year",)

    h3: Annotated[str | None, BeforeValidator(CELL)] = None
    code: Id = None
    year: Year = None
    residents: Number = None
    residents_16: Number = None
    geometry: Shape = None
    wkt: Wkt = None


class ProjectRow(Placed):
    register: ClassVar[str] = "projects"
    needed: ClassVar[tuple[str, ...]] = ("title",)
    stand_in: ClassVar[tuple[str, str] | None] = ("title", "description")

    id: Id = None
    title: Title = None
    title_en: Title = None
    description: Story = None
    theme: ThemeWord = None
    secondary_themes: Themes = None
    status: Annotated[ProjectStatus | None, BeforeValidator(one_of(ProjectStatus))] = None
    planned_from: Begin = None
    planned_to: End = None
    starts_on: Begin = None
    completed_on: End = None
    territory: Title = None
    funding_federal_minor: Money = Field(None, alias="funding_federal")
    funding_regional_minor: Money = Field(None, alias="funding_regional")
    funding_municipal_minor: Money = Field(None, alias="funding_municipal")
    funding_residents_minor: Money = Field(None, alias="funding_residents")
    funding_business_minor: Money = Field(None, alias="funding_business")
    funding_grant_minor: Money = Field(None, alias="funding_grant")
    funding_donor_minor: Money = Field(None, alias="funding_donor")
    funding_in_kind_minor: Money = Field(None, alias="funding_in_kind")
    funding_labour_minor: Money = Field(None, alias="funding_labour")
    funding_other_minor: Money = Field(None, alias="funding_other")
    total_cost_minor: Money = Field(None, alias="total_cost")
    currency: Annotated[str | None, BeforeValidator(CURRENCY)] = None
    beneficiaries: Count = None
    supporters: Count = None
    votes: Count = None
    programme: Line = None
    initiator: Line = None
    answers_needs: Ids = None
    url: Url = None


class NeedRow(Placed):
    register: ClassVar[str] = "needs"
    needed: ClassVar[tuple[str, ...]] = ("title",)
    stand_in: ClassVar[tuple[str, str] | None] = ("title", "description")

    id: Id = None
    title: Title = None
    title_en: Title = None
    description: Story = None
    theme: ThemeWord = None
    secondary_themes: Themes = None
    status: Annotated[NeedStatus | None, BeforeValidator(one_of(NeedStatus))] = None
    priority: Annotated[NeedPriority | None, BeforeValidator(one_of(NeedPriority))] = None
    reported_on: Begin = None
    answered_on: End = None
    channel: Annotated[Channel | None, BeforeValidator(one_of(Channel))] = None
    affected_people: Count = None
    supporters: Count = None
    territory: Title = None
    public_object: Flag = None
    contact_name: Line = None
    contact_phone: Line = None
    contact_email: Line = None


class EventRow(Placed):
    register: ClassVar[str] = "events"
    needed: ClassVar[tuple[str, ...]] = ("title",)
    stand_in: ClassVar[tuple[str, str] | None] = ("title", "event_kind")
    qualified: ClassVar[tuple[str, ...]] = ("participants",)

    id: Id = None
    title: Title = None
    title_en: Title = None
    description: Story = None
    url: Url = None
    event_kind: Annotated[EventKind | None, BeforeValidator(one_of(EventKind))] = None
    theme: ThemeWord = None
    starts_on: Begin = None
    ends_on: End = None
    event_mode: Annotated[EventMode | None, BeforeValidator(one_of(EventMode))] = None
    participation_level: Annotated[ParticipationLevel | None, BeforeValidator(one_of(ParticipationLevel))] = None
    decision_force: Annotated[DecisionForce | None, BeforeValidator(one_of(DecisionForce))] = None
    territory: Title = None
    participants: Count = None
    count_qualifier: Qualifier = None
    unique_persons: Flag = None
    channel_face_to_face: Count = None
    channel_active_citizen: Count = None
    channel_pos_gosuslugi: Count = None
    channel_vk: Count = None
    channel_telegram: Count = None
    channel_viber: Count = None
    channel_whatsapp: Count = None
    channel_website: Count = None
    channel_phone: Count = None
    channel_paper: Count = None
    channel_other: Count = None


class OrganisationRow(Placed):
    register: ClassVar[str] = "organisations"
    needed: ClassVar[tuple[str, ...]] = ("title",)

    id: Id = None
    title: Title = None
    organisation_kind: Annotated[OrganisationKind | None, BeforeValidator(one_of(OrganisationKind))] = None
    territory: Names = None
    inn: Annotated[str | None, BeforeValidator(INN)] = None
    ogrn: Annotated[str | None, BeforeValidator(OGRN)] = None
    url: Url = None
    founded_on: Begin = None


class ObservationRow(Row):
    register: ClassVar[str] = "observations"
    needed: ClassVar[tuple[str, ...]] = ("measure",)
    stand_in: ClassVar[tuple[str, str] | None] = ("title", "measure")
    qualified: ClassVar[tuple[str, ...]] = ("value",)

    id: Id = None
    title: Title = None
    measure: Line = None
    territory: Title = None
    period_from: Begin = None
    period_to: End = None
    year: Year = None
    base: Annotated[PopulationBase | None, BeforeValidator(one_of(PopulationBase))] = None
    value: Number = None
    unit: Line = None
    numerator: Number = None
    denominator: Number = None
    count_qualifier: Qualifier = None
    as_published: Line = None
    locator: Line = None


MODELS: dict[str, type[Row]] = {
    model.register: model
    for model in (
        BoundaryRow,
        GroupRow,
        PopulationRow,
        CellRow,
        ProjectRow,
        NeedRow,
        EventRow,
        OrganisationRow,
        ObservationRow,
    )
}
