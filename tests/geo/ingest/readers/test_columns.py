"""Do headings in Russian and English find their fields, and is nothing else guessed?"""

from __future__ import annotations

import pytest

from geo.errors import BadInput
from geo.ingest.columns import REGISTERS, fields, known_keys, map_columns, normalised, scale_of
from geo.ingest.incoming import MODELS
from geo.vocabulary import Channel, FundingSource


def test_russian_headings() -> None:
    headings = [
        "№ п/п",
        "Наименование проекта",
        "Общая стоимость (руб.)",
        "Краевой бюджет",
        "Широта",
        "Долгота",
        "Год отчёта",
    ]
    mapping = map_columns("projects", headings)
    assert mapping.fields == {
        "id": "№ п/п", "title": "Наименование проекта", "total_cost": "Общая стоимость (руб.)",
        "funding_regional": "Краевой бюджет", "lat": "Широта", "lon": "Долгота",
    }  # fmt: skip
    assert mapping.extra == ("Год отчёта",)
    assert mapping.wide == {"funding_regional": "Краевой бюджет"}


def test_two_storey_headings_are_looked_up_storey_by_storey() -> None:
    mapping = map_columns("population", ["Район", "Год", "Население / всего жителей", "Население / избирателей"])
    assert mapping.fields["residents"] == "Население / всего жителей"
    assert mapping.fields["voters"] == "Население / избирателей"


def test_the_closer_heading_wins_and_the_other_stays() -> None:
    mapping = map_columns("boundaries", ["district", "name", "NAME_EN"])
    assert mapping.fields == {"name": "name", "name_en": "NAME_EN"}
    assert mapping.extra == ("district",)


def test_what_a_person_states_wins() -> None:
    mapping = map_columns("needs", ["title", "Суть вопроса", "x1"], {"title": "суть  ВОПРОСА", "lon": "x1"})
    assert mapping.fields == {"title": "Суть вопроса", "lon": "x1"}
    assert mapping.extra == ("title",)


def test_a_similar_heading_is_only_offered() -> None:
    mapping = map_columns("projects", ["Наимнование проекта", "Стоимость проэкта"])
    assert mapping.fields == {}
    assert {(offer.field, offer.column) for offer in mapping.offers} == {
        ("title", "Наимнование проекта"), ("total_cost", "Стоимость проэкта"),
    }  # fmt: skip


@pytest.mark.parametrize(("field", "column", "names"), [("titel", "a", "title"), ("title", "c", "a, b")])
def test_a_field_or_column_that_does_not_exist_is_named(field: str, column: str, names: str) -> None:
    with pytest.raises(BadInput) as refusal:
        map_columns("needs", ["a", "b"], {field: column})
    assert names in str(refusal.value.remedy)


@pytest.mark.parametrize("register", REGISTERS)
def test_the_fields_with_headings_are_the_fields_of_the_model(register: str) -> None:
    assert {field.code for field in fields(register)} == set(MODELS[register].kinds())


@pytest.mark.parametrize("register", REGISTERS)
def test_every_field_is_found_by_its_own_code(register: str) -> None:
    codes = [field.code for field in fields(register)]
    assert map_columns(register, codes).fields == {code: code for code in codes}


@pytest.mark.parametrize("register", REGISTERS)
def test_no_heading_means_two_fields_equally(register: str) -> None:
    """Two fields may know one word only when one of them knows it better."""
    ranks: dict[str, list[int]] = {}
    for field in fields(register):
        for rank, heading in enumerate((field.code, *field.headings)):
            ranks.setdefault(normalised(heading), []).append(rank)
    assert set(ranks) == set(known_keys(register))
    assert not [key for key, places in ranks.items() if places.count(min(places)) > 1]


def test_wide_columns_cover_the_closed_lists() -> None:
    assert {f"funding_{source.value}" for source in FundingSource} <= {field.code for field in fields("projects")}
    assert {f"channel_{channel.value}" for channel in Channel} <= {field.code for field in fields("events")}


@pytest.mark.parametrize(("register", "heading", "field"), [
    ("needs", "CLOSED_DT", "answered_on"), ("needs", "ClosedDate", "answered_on"), ("needs", "ends_on", "answered_on"),
    ("needs", "№ обращения", "id"), ("needs", "Кол-во поддержавших", "supporters"),
    ("boundaries", "NAZV", "name"), ("boundaries", "NameRU", "name"), ("boundaries", "data.name", "name"),
    ("population", "data.voters", "voters"), ("population", "Численность населения, тыс. чел.", "residents"),
    ("population", "Население 16+, тыс.чел.", "residents_16"),
    ("population", "Численность жителей, чел. / 16+", "residents_16"),
    ("projects", "Стоимость, тыс. руб.", "total_cost"), ("events", "Кол-во участников, чел.", "participants"),
])  # fmt: skip
def test_headings_as_offices_write_them(register: str, heading: str, field: str) -> None:
    assert map_columns(register, [heading]).fields == {field: heading}


def test_a_column_without_values_gives_way() -> None:
    columns = ["Name", "description", "NAME_RU"]
    assert map_columns("boundaries", columns).fields["name"] == "Name"
    assert map_columns("boundaries", columns, blank={"Name", "description"}).fields["name"] == "NAME_RU"


@pytest.mark.parametrize(("heading", "exponent"), [
    ("Население, тыс. чел.", 3), ("Стоимость (млн руб.)", 6), ("Population (thousands)", 3), ("Жителей", 0),
    ("Участников на тыс. жителей", 0), ("Cost per thousand", 0), ("Дом 1000", 0),
])  # fmt: skip
def test_the_units_of_a_heading(heading: str, exponent: int) -> None:
    assert scale_of(heading) == exponent
