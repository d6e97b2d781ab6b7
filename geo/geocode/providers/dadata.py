"""DaData's address cleaner: https://dadata.ru/api/clean/address/ (paid).

`access` is TOKEN:SECRET, or URL|TOKEN:SECRET for an installation of one's own.
"""

from __future__ import annotations

from typing import Any, ClassVar

import httpx

from geo.errors import N_, BadInput
from geo.geocode.providers.base import Found, Provider
from geo.vocabulary import MatchLevel

PUBLIC = "https://cleaner.dadata.ru"
# qc_geo: how precise the coordinates are; 5 means there are none
_LEVELS = {
    "0": (MatchLevel.HOUSE, 0.95), "1": (MatchLevel.INTERPOLATED, 0.7), "2": (MatchLevel.STREET, 0.7),
    "3": (MatchLevel.SETTLEMENT, 0.6), "4": (MatchLevel.SETTLEMENT, 0.6),
}  # fmt: skip


class DaData(Provider):
    name = "dadata"
    terms: ClassVar[str] = "DaData.ru"
    interval_s: ClassVar[float] = 0.1

    def __init__(self, access: str = "", client: httpx.Client | None = None) -> None:
        super().__init__(access, client)
        url, _, keys = access.rpartition("|")
        self._url, (self._token, _, self._secret) = url or PUBLIC, keys.partition(":")
        if not self._token or not self._secret:
            raise BadInput(
                N_("DaData needs a token and a secret."), remedy=N_("Write dadata=TOKEN:SECRET in OKRUGA_GEOCODERS.")
            )

    def _request(self, address: str) -> httpx.Request:
        return self._client.build_request(
            "POST",
            f"{self._url.rstrip('/')}/api/v1/clean/address",
            json=[address],
            headers={"Authorization": f"Token {self._token}", "X-Secret": self._secret},
        )

    def _found(self, answer: Any) -> list[Found]:
        return [self._one(row) for row in answer if row.get("geo_lat") and str(row.get("qc_geo")) in _LEVELS]

    def _one(self, row: dict[str, Any]) -> Found:
        level, confidence = _LEVELS[str(row["qc_geo"])]
        # qc 0: recognised with certainty; anything else needs a look
        certain = str(row.get("qc")) == "0"
        return Found(
            self.name, row["result"], float(row["geo_lat"]), float(row["geo_lon"]), level,
            confidence if certain else min(confidence, 0.5),
        )  # fmt: skip
