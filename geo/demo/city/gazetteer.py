"""Which addresses, streets, objects and settlements does the invented city have? Its gazetteer as four plain lists."""

from __future__ import annotations

from geo.demo.city.world import CITY_NAME, HERE, RIVER_NAME, City
from geo.demo.files import Row

REGION = "Вязьгинская область"


def addresses(city: City) -> list[Row]:
    """Rows of addresses.csv: every known house."""
    rows: list[Row] = []
    for number, house in enumerate(city.houses, start=1):
        lat, lon = HERE.lat_lon(house.x, house.y)
        rows.append({
            "id": number, "city": CITY_NAME, "street": city.streets[house.street].name.full,
            "housenumber": house.number, "lat": lat, "lon": lon,
        })  # fmt: skip
    return rows


def streets(city: City) -> list[Row]:
    """Rows of streets.csv: a point in the middle of each street."""
    rows: list[Row] = []
    for number, street in enumerate(city.streets, start=1):
        middle = street.axis.interpolate(0.5, normalized=True)
        lat, lon = HERE.lat_lon(middle.x, middle.y)
        rows.append({"id": number, "city": CITY_NAME, "name": street.name.full, "lat": lat, "lon": lon})
    return rows


def objects(city: City) -> list[Row]:
    """Rows of pois.csv."""
    rows: list[Row] = []
    for number, mark in enumerate(city.landmarks, start=1):
        lat, lon = HERE.lat_lon(mark.x, mark.y)
        rows.append({"id": number, "city": CITY_NAME, "name": mark.name, "kind": mark.kind, "lat": lat, "lon": lon})
    return rows


def settlements(city: City) -> list[Row]:
    """Rows of settlements.csv: the city and the villages around it."""
    lat, lon = HERE.lat_lon(0, 900)
    around = sum(village.residents for village in city.villages if village.block is not None)
    rows: list[Row] = [{
        "id": 1, "name": CITY_NAME, "alt_names": f"{CITY_NAME} на {RIVER_NAME[:-1]}е", "region": REGION, "lat": lat,
        "lon": lon, "population": sum(city.people.residents[2024]) - around,
    }]  # fmt: skip
    for village in city.villages:
        spot = village.shape.representative_point()
        lat, lon = HERE.lat_lon(spot.x, spot.y)
        rows.append({
            "id": village.number + 2, "name": city.village_names[village.number], "alt_names": "", "region": REGION,
            "lat": lat, "lon": lon, "population": village.residents,
        })  # fmt: skip
    return rows
