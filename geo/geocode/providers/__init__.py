"""Which outside geocoders may be asked? None, unless the operator names them in OKRUGA_GEOCODERS.

The setting lists providers separated by blanks, each with what it needs:

    nominatim=https://nominatim.example.org  photon=https://photon.example.org  dadata=TOKEN:SECRET  yandex=KEY

Nothing is ever sent by itself: a steward asks about one text, and only its address leaves, without apartment, people,
telephones or the story around it.
"""

from __future__ import annotations

from geo.errors import N_, BadInput
from geo.geocode.providers.base import Found, Provider
from geo.geocode.providers.dadata import DaData
from geo.geocode.providers.nominatim import Nominatim
from geo.geocode.providers.photon import Photon
from geo.geocode.providers.yandex import Yandex

KNOWN: dict[str, type[Provider]] = {"nominatim": Nominatim, "photon": Photon, "dadata": DaData, "yandex": Yandex}

__all__ = ["KNOWN", "Found", "Provider", "configured"]


def configured(setting: str) -> dict[str, Provider]:
    """The providers a setting names, ready to be asked. Raises BadInput for an unknown one or a missing key."""
    providers: dict[str, Provider] = {}
    for part in setting.split():
        name, _, access = part.partition("=")
        if name not in KNOWN:
            raise BadInput(
                N_("There is no geocoder {name}."),
                remedy=N_("OKRUGA_GEOCODERS may name: {known}."),
                name=name,
                known=", ".join(KNOWN),
            )
        providers[name] = KNOWN[name](access)
    return providers
