"""Codes that never change, and names as people write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.ingest.codes import Minter, slug, stated
from geo.ingest.names import Known, Territories, core_key, exact_key
from geo.vocabulary import TerritoryKind

# the CHECK of okruga.territory
ALLOWED = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
KIND = TerritoryKind.CIVIC_DISTRICT


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Заречный округ", "zarechnyy-okrug"),
        ("Ысык-Көл", "ysyk-kol"),
        ("ТОС «Площадь, 2»", "tos-ploshchad-2"),
        ("Ёлкино", "elkino"),
        ("Йошкар-Ола", "yoshkar-ola"),
        ("Saint-Étienne", "saint-etienne"),
        ("北京", ""),
    ],
)
def test_names_become_readable_codes(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_a_stated_code_is_kept_and_a_bare_number_gets_its_parent() -> None:
    minter = Minter([])
    assert minter.mint("Заречный", KIND, "primersk", "D1") == "d1"
    assert minter.mint("Округ", KIND, "primersk", "7") == "primersk-7"
    assert minter.mint("Округ", KIND, "", "7") == "civic-district-7"
    assert minter.mint("Заречный", KIND, "primersk") == "primersk-zarechnyy"
    assert minter.mint("Заречный", KIND, "primersk") == "primersk-zarechnyy-2"


@given(
    st.lists(
        st.tuples(st.text(max_size=120), st.text(max_size=120), st.sampled_from(["", "a" * 100, "p"])), max_size=12
    )
)
def test_every_minted_code_can_stand_in_an_address_and_is_new(rows: list[tuple[str, str, str]]) -> None:
    minter = Minter(["p", "a" * 100])
    minted = [minter.mint(name, KIND, parent, code) for name, code, parent in rows]
    assert len({*minted, "p", "a" * 100}) == len(minted) + 2
    assert all(ALLOWED.fullmatch(code) for code in minted)


@given(st.text(max_size=150))
def test_a_stated_code_is_empty_or_allowed(text: str) -> None:
    assert stated(text) == "" or ALLOWED.fullmatch(stated(text))


def world() -> Territories:
    known = Territories()
    for row in (
        Known(1, "oblast-a", "region", "Область А", None),
        Known(2, "oblast-b", "region", "Область Б", None),
        Known(3, "a-sovetskiy", "municipality", "Советский район", 1),
        Known(4, "b-sovetskiy", "municipality", "Советский район", 2),
        Known(5, "a-gorod", "municipality", "Городской округ Заречный", 1),
        Known(6, "zarechnyy", "settlement", "Заречный", 5, ("Zarechny",)),
        Known(7, "d7", "civic_district", "Округ № 7", 5, (), 9, "7"),
    ):
        known.add(row)
    return known


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("D7", (7,)),
        ("округ №7", (7,)),
        ("Советский муниципальный район", (3, 4)),
        ("г. Заречный", (5, 6)),
        ("Заречный", (6,)),
        ("zarechny", (6,)),
        ("Городской округ ЗАРЕЧНЫЙ", (5,)),
        ("Неведомый", ()),
    ],
)
def test_names_are_found_as_people_write_them(wanted: str, found: tuple[int, ...]) -> None:
    assert world().find(wanted) == found


def test_kind_parent_and_source_narrow_the_choice() -> None:
    known = world()
    assert known.find("Советский р-н", within=known.inside(2)) == (4,)
    assert known.find("г. Заречный", kinds=("settlement",)) == (6,)
    assert known.find("7", source=9) == (7,)
    assert list(known.ancestors(6)) == [5, 1]


def test_words_for_the_kind_do_not_count() -> None:
    assert core_key("Фёдоровский муниципальный район") == core_key("Федоровский р-н") == "федоровский"
    assert exact_key("ЗАТО  «Светлый»") == "зато светлый"
    assert core_key("Район") == "район"
