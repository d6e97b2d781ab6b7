"""Photon: https://github.com/komoot/photon (GeoJSON over an OpenSearch index of a Nominatim database)."""

from __future__ import annotations

from typing import Any, ClassVar

import httpx

from geo.geocode.providers.base import Found, Provider
from geo.vocabulary import MatchLevel

PUBLIC = "https://photon.komoot.io"
_LEVELS = {
    "house": MatchLevel.HOUSE, "street": MatchLevel.STREET, "locality": MatchLevel.AREA, "district": MatchLevel.AREA,
    "city": MatchLevel.SETTLEMENT, "county": MatchLevel.DISTRICT, "state": MatchLevel.DISTRICT,
}  # fmt: skip
_PARTS = ("city", "district", "street", "housenumber", "name")


class Photon(Provider):
    name = "photon"
    terms: ClassVar[str] = "© OpenStreetMap contributors, ODbL"

    def _request(self, address: str) -> httpx.Request:
        return self._get(f"{(self.access or PUBLIC).rstrip('/')}/api", {"q": address, "limit": "5", "lang": "default"})

    def _found(self, answer: Any) -> list[Found]:
        return [self._one(feature) for feature in answer["features"]]

    def _one(self, feature: dict[str, Any]) -> Found:
        lon, lat = feature["geometry"]["coordinates"]
        about = feature["properties"]
        label = ", ".join(str(about[part]) for part in _PARTS if about.get(part))
        level = _LEVELS.get(about.get("type", ""), MatchLevel.POI)
        return Found(self.name, label, float(lat), float(lon), level, 0.8 if level == MatchLevel.HOUSE else 0.5)
