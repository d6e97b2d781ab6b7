"""Yandex Geocoder API: https://yandex.ru/maps-api/products/geocoder-api (`access` is KEY, or URL|KEY; storing results
is restricted by the licence, so only the point a person chose is kept)."""

from __future__ import annotations

from typing import Any, ClassVar

import httpx

from geo.errors import N_, BadInput
from geo.geocode.providers.base import Found, Provider
from geo.vocabulary import MatchLevel

PUBLIC = "https://geocode-maps.yandex.ru/1.x/"
_PRECISION = {
    "exact": (MatchLevel.HOUSE, 0.9), "number": (MatchLevel.HOUSE_GROUP, 0.7), "near": (MatchLevel.INTERPOLATED, 0.6),
    "range": (MatchLevel.INTERPOLATED, 0.5), "street": (MatchLevel.STREET, 0.6),
}  # fmt: skip
_KINDS = {
    "locality": MatchLevel.SETTLEMENT, "district": MatchLevel.AREA, "area": MatchLevel.DISTRICT,
    "province": MatchLevel.DISTRICT,
}  # fmt: skip


class Yandex(Provider):
    name = "yandex"
    terms: ClassVar[str] = "© Yandex"
    interval_s: ClassVar[float] = 0.05

    def __init__(self, access: str = "", client: httpx.Client | None = None) -> None:
        super().__init__(access, client)
        url, _, self._key = access.rpartition("|")
        self._url = url or PUBLIC
        if not self._key:
            raise BadInput(N_("The Yandex geocoder needs a key."), remedy=N_("Write yandex=KEY in OKRUGA_GEOCODERS."))

    def _request(self, address: str) -> httpx.Request:
        parameters = {"apikey": self._key, "geocode": address, "format": "json", "lang": "ru_RU", "results": "5"}
        return self._get(self._url, parameters)

    def _found(self, answer: Any) -> list[Found]:
        members = answer["response"]["GeoObjectCollection"]["featureMember"]
        return [self._one(member["GeoObject"]) for member in members]

    def _one(self, thing: dict[str, Any]) -> Found:
        lon, lat = thing["Point"]["pos"].split()
        about = thing["metaDataProperty"]["GeocoderMetaData"]
        level, confidence = _PRECISION.get(about["precision"], (_KINDS.get(about["kind"], MatchLevel.POI), 0.5))
        return Found(self.name, about["text"], float(lat), float(lon), level, confidence)
