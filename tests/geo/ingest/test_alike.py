"""Entries that may be stored already are proposed to a person; nothing is merged."""

from __future__ import annotations

from pathlib import Path

from geo.ingest.pipeline import Loaded, load
from geo.ingest.request import Request
from tests.geo.ingest.making import Desk, point, table


def sent(city: Desk, path: Path, source: str, *rows: dict[str, object]) -> Loaded:
    return load(city.database, Request(path=table(path, rows), register="needs", source=source), commit=True)


def test_the_same_thing_from_another_source_is_proposed_and_kept(city: Desk) -> None:
    sent(city, city.path("csv"), "Портал", {"id": 1, "title": "Ремонт «Ёлочки»", **point(0.5)})
    near = {"lat": point(0.5)["lat"] + 0.0001, "lon": point(0.5)["lon"]}
    loaded = sent(
        city, city.path("csv"), "Письма",
        {"id": 7, "title": "ремонт \"елочки\"", **near},
        {"id": 8, "title": "Ремонт «Ёлочки»", **point(0.9)},
        {"id": 9, "title": "Ремонт дороги", **point(0.5)},
    )  # fmt: skip
    found = [finding for finding in loaded.report.findings if finding.code == "possible_duplicate"]
    assert [finding.row for finding in found] == [2]
    assert "Портал" in str(found[0].message)
    assert loaded.report.accepted == 3
    assert city.count("okruga.entry") == 4
    again = sent(city, city.path("csv"), "Письма", {"id": 7, "title": 'ремонт "елочки"', **near})
    assert again.report.findings.count("possible_duplicate") == 0, "what is stored already was decided about"


def test_a_title_many_rows_share_proves_nothing(city: Desk) -> None:
    sent(city, city.path("csv"), "Портал", {"id": 1, "title": "Яма", **point(0.5)})
    loaded = sent(city, city.path("csv"), "Письма", *({"id": i, "title": "Яма", **point(0.5)} for i in range(9)))
    assert loaded.report.findings.count("possible_duplicate") == 0
