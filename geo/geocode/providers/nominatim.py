"""Nominatim: https://nominatim.org/release-docs/latest/api/Search/ (the public server forbids bulk use)."""

from __future__ import annotations

from typing import Any, ClassVar

import httpx

from geo.geocode.providers.base import Found, Provider
from geo.vocabulary import MatchLevel

PUBLIC = "https://nominatim.openstreetmap.org"
_LEVELS = {
    "building": MatchLevel.HOUSE, "house": MatchLevel.HOUSE, "place": MatchLevel.HOUSE, "road": MatchLevel.STREET,
    "suburb": MatchLevel.AREA, "quarter": MatchLevel.AREA,
    "neighbourhood": MatchLevel.AREA,
    "city": MatchLevel.SETTLEMENT, "town": MatchLevel.SETTLEMENT, "village": MatchLevel.SETTLEMENT,
    "hamlet": MatchLevel.SETTLEMENT,
    "county": MatchLevel.DISTRICT, "state": MatchLevel.DISTRICT, "municipality": MatchLevel.DISTRICT,
    "city_district": MatchLevel.DISTRICT,
}  # fmt: skip


class Nominatim(Provider):
    name = "nominatim"
    terms: ClassVar[str] = "© OpenStreetMap contributors, ODbL"

    def _request(self, address: str) -> httpx.Request:
        parameters = {"q": address, "format": "jsonv2", "limit": "5", "countrycodes": "ru,kg", "accept-language": "ru"}
        return self._get(f"{(self.access or PUBLIC).rstrip('/')}/search", parameters)

    def _found(self, answer: Any) -> list[Found]:
        return [
            Found(self.name, row["display_name"], float(row["lat"]), float(row["lon"]), _level(row), _certainty(row))
            for row in answer
        ]


def _level(row: dict[str, Any]) -> MatchLevel:
    return _LEVELS.get(row.get("addresstype", ""), MatchLevel.POI)


def _certainty(row: dict[str, Any]) -> float:
    """Nominatim ranks by importance, not by likeness: a house is likelier meant than a town."""
    return {MatchLevel.HOUSE: 0.8, MatchLevel.STREET: 0.6}.get(_level(row), 0.5)
