"""Is the nearest address the nearest one, by a slow and plain count over all of them?"""

from __future__ import annotations

import random

import pandas as pd
import pytest

from geo.geocode.gazetteer import Gazetteer
from geo.geocode.nearest import AddressesByPlace
from geo.geocode.places import distance_m


def known(*points: tuple[float, float]) -> AddressesByPlace:
    rows = [
        {"id": str(n), "city": "Тихий", "street": "улица Мира", "housenumber": str(n), "lat": lat, "lon": lon}
        for n, (lat, lon) in enumerate(points)
    ]
    return AddressesByPlace(Gazetteer(addresses=pd.DataFrame(rows)))


def test_the_nearest_of_a_real_town(town: Gazetteer) -> None:
    by_place = AddressesByPlace(town)
    table = town.addresses
    draw = random.Random(5)
    for row in table.sample(20, random_state=1).to_dict("records"):
        lat, lon = row["lat"] + draw.uniform(-0.001, 0.001), row["lon"] + draw.uniform(-0.001, 0.001)
        least = min(distance_m(lat, lon, a, o) for a, o in zip(table["lat"], table["lon"], strict=True))
        found = by_place.nearest(lat, lon, 500.0)
        assert (found is None) == (least > 500.0)
        assert found is None or found.distance_m == pytest.approx(least, rel=1e-3, abs=0.1)
    first = by_place.nearest(table.iloc[0]["lat"], table.iloc[0]["lon"])
    assert first is not None and first.distance_m == 0.0


def test_far_away_unknown_and_across_the_date_line() -> None:
    by_place = known((66.0, 179.9995), (66.0, -179.99), (float("nan"), float("nan")))
    found = by_place.nearest(66.0, -179.9996)
    assert found is not None and found.label == "Тихий, улица Мира, 0"
    assert found.distance_m == pytest.approx(40.7, abs=0.5)
    assert by_place.nearest(10.0, 10.0) is None
    assert AddressesByPlace(Gazetteer()).nearest(10.0, 10.0) is None
