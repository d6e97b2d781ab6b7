"""Does a municipality's setting decide how strict the checks of its boundaries are?"""

from __future__ import annotations

import pytest

from geo.errors import BadInput
from geo.ingest.boundary_rules import NAMES, rules_for
from geo.ingest.findings import Severity
from geo.ingest.topology import RULES
from geo.vocabulary import TerritoryKind
from tests.geo.ingest.making import Desk, box, codes

TOS = TerritoryKind.TOS_TERRITORY


def test_without_settings_the_rules_are_those_of_the_method() -> None:
    assert rules_for(TOS, ["saratov"], "") == RULES[TOS]
    assert "overlap" in NAMES
    assert "tolerance_m" not in NAMES


def test_a_municipality_may_be_stricter_or_laxer_than_the_rest() -> None:
    said = "tos_territory.overlap=block saratov:tos_territory.overlap=info saratov:tos_territory.multipart=off"
    assert rules_for(TOS, ["serpukhov"], said).overlap is Severity.BLOCK
    assert rules_for(TOS, ["saratov"], said).overlap is Severity.INFO
    assert rules_for(TOS, ["saratov"], said).multipart is None
    assert rules_for(TerritoryKind.MICRODISTRICT, ["saratov"], said) == RULES[TerritoryKind.MICRODISTRICT]


@pytest.mark.parametrize(
    "word", ["overlap=block", "tos.overlap=block", "tos_territory.size=warn", "tos_territory.gap=no"]
)
def test_words_that_are_no_rules_are_refused(word: str) -> None:
    with pytest.raises(BadInput, match="parent_not_covered"):
        rules_for(TOS, (), word)


def test_a_load_follows_the_setting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from geo.settings import settings

    desk.areas([({"code": "city", "name": "Город"}, box(0, 10))], "municipality")
    rows = [({"name": f"ТОС {i}", "tos_status": "active", "legal_act": "1"}, box(i, i + 1.5)) for i in (0, 1)]
    lax = desk.areas(rows, "tos_territory", parent="city", commit=False)
    assert ("overlap" in codes(lax), lax.report.rejected) == (True, 0)
    monkeypatch.setenv("OKRUGA_BOUNDARY_RULES", "city:tos_territory.overlap=block")
    settings.cache_clear()
    try:
        assert desk.areas(rows, "tos_territory", parent="city", commit=False).report.rejected == 1
    finally:
        monkeypatch.undo()
        settings.cache_clear()
