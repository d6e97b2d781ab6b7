"""Is data in the wrong coordinate system noticed, is the right one offered, and is nothing applied in silence?"""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from geo.errors import BadInput
from geo.ingest import crs
from geo.ingest.crs import WGS84, decide
from geo.ingest.findings import Findings, Severity

PLACES = {
    "Serpukhov": (37.41, 54.92), "Saratov": (46.03, 51.53), "Krasnoyarsk": (92.87, 56.01), "Vladivostok": (131.9, 43.1),
    "Kaliningrad": (20.5, 54.7), "Bishkek": (74.6, 42.87), "Osh": (72.8, 40.5), "Vorkuta": (64.0, 67.5),
}  # fmt: skip


def around(place: str) -> np.ndarray:
    """Points in a town of some kilometres."""
    chance = np.random.default_rng(len(place))
    return np.array(PLACES[place]) + chance.uniform(-0.08, 0.08, (40, 2))


def box_of(points: np.ndarray) -> crs.BBox:
    west, south = points.min(axis=0)
    east, north = points.max(axis=0)
    return float(west), float(south), float(east), float(north)


def projected(points: np.ndarray, code: int) -> np.ndarray:
    return np.column_stack(Transformer.from_crs(4326, code, always_xy=True).transform(points[:, 0], points[:, 1]))


def zone(longitude: float) -> int:
    return 28400 + int(longitude // 6) + 1


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("expected", [True, False])
def test_degrees_in_order_need_no_offer(place: str, expected: bool) -> None:
    points = around(place)
    decision = decide(points, declared=None, default=WGS84, expected=box_of(points) if expected else None)
    assert (decision.offers, decision.findings, decision.swap) == ((), (), False)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("expected", [True, False])
def test_exchanged_axes_are_offered(place: str, expected: bool) -> None:
    if place == "Vorkuta" and not expected:
        pytest.skip("64, 67.5 and 67.5, 64 both lie in Russia: only a territory can tell")
    points = around(place)
    decision = decide(points[:, ::-1], declared=None, default=WGS84, expected=box_of(points) if expected else None)
    assert [(offer.kind, offer.accepted) for offer in decision.offers] == [("swap", False)]
    assert decision.swap


@pytest.mark.parametrize("place", ["Serpukhov", "Saratov", "Krasnoyarsk", "Vladivostok", "Vorkuta"])
@pytest.mark.parametrize("expected", [True, False])
def test_pulkovo_1942_is_told_by_its_zone(place: str, expected: bool) -> None:
    points = around(place)
    code = zone(points[0, 0])
    decision = decide(projected(points, code), declared=None, expected=box_of(points) if expected else None)
    assert [offer.value for offer in decision.offers] == [f"EPSG:{code}"]
    assert decision.offers[0].finding().severity is Severity.BLOCK


@pytest.mark.parametrize("place", PLACES)
def test_web_mercator_called_degrees_is_noticed(place: str) -> None:
    points = around(place)
    decision = decide(projected(points, 3857), declared=None, default=WGS84, expected=box_of(points))
    assert [offer.value for offer in decision.offers] == ["EPSG:3857"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("family", ["utm", "3-degree"])
def test_with_a_territory_other_systems_are_told_apart(place: str, family: str) -> None:
    points = around(place)
    longitude = float(np.median(points[:, 0]))
    three = round(longitude / 3)
    code = 32601 + int((longitude + 180) // 6) if family == "utm" else three + (2516 if three < 34 else 2517)
    decision = decide(projected(points, code), declared=None, expected=box_of(points))
    assert decision.offers[0].value == f"EPSG:{code}"


def test_without_a_territory_a_zone_is_not_guessed() -> None:
    decision = decide(projected(around("Saratov"), 32638), declared=None, expected=None)
    assert decision.offers == ()
    assert [finding.code for finding in decision.findings] == ["crs_unknown"]
    assert decision.findings[0].severity is Severity.BLOCK


def test_northing_before_easting_is_both_offers() -> None:
    points = around("Saratov")
    decision = decide(projected(points, 28408)[:, ::-1], declared=None, expected=box_of(points))
    assert [(offer.kind, offer.value) for offer in decision.offers] == [("crs", "EPSG:28408"), ("swap", "lat,lon")]


def test_a_false_statement_is_contradicted() -> None:
    points = around("Saratov")
    decision = decide(projected(points, 28408), declared=CRS.from_epsg(3857), expected=box_of(points))
    assert [offer.value for offer in decision.offers] == ["EPSG:28408"]
    assert "EPSG:3857" in str(decision.offers[0].reason)


def test_a_true_statement_far_away_is_only_noted() -> None:
    decision = decide(around("Saratov"), declared=WGS84, expected=box_of(around("Vorkuta")))
    assert decision.offers == ()
    assert [(finding.code, finding.severity) for finding in decision.findings] == [("far_away", Severity.WARN)]


def test_other_countries_are_believed() -> None:
    boston = np.array([(-71.06, 42.36), (-71.05, 42.35)])
    decision = decide(boston, declared=None, default=WGS84)
    assert (decision.offers, decision.findings) == ((), ())


def test_an_accepted_offer_does_not_block() -> None:
    points = around("Saratov")
    decision = decide(points[:, ::-1], declared=None, default=WGS84, accept=True)
    assert decision.offers[0].finding().severity is Severity.INFO


def test_an_unstated_system_in_degrees_is_offered_with_its_rivals() -> None:
    decision = decide(around("Saratov"), declared=None)
    assert (decision.offers[0].value, decision.offers[0].others) == ("EPSG:4326", ("EPSG:4284",))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("EPSG:4326", 4326), ("28408", 28408), ("epsg:3857", 3857), ("urn:ogc:def:crs:EPSG::32638", 32638),
        ("urn:ogc:def:crs:EPSG:6.9:32638", 32638), ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326),
        ("http://www.opengis.net/def/crs/EPSG/0/28408", 28408), ("OGC:CRS84", 4326),
    ],
)  # fmt: skip
def test_names_of_systems(name: str, code: int) -> None:
    assert crs.stated(name).to_epsg() == code


@pytest.mark.parametrize(
    "name", ["", "МСК-64", "+proj=longlat +nadgrids=/etc/passwd", "EPSG:999999", "EPSG:4326;x", "/etc/passwd"]
)
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(BadInput):
        crs.stated(name)


def test_a_file_may_not_name_other_files() -> None:
    findings = Findings()
    wkt = CRS.from_epsg(4326).to_wkt("WKT1_GDAL").removesuffix("]") + ',EXTENSION["PROJ4","+nadgrids=/etc/passwd"]]'
    assert crs.from_file(wkt, findings) is None
    assert crs.from_file("x" * 50_000, findings) is None
    assert findings.count("crs_unreadable") == 2


@given(st.floats(19, 179), st.floats(42, 80))
def test_transforming_there_and_back(lon: float, lat: float) -> None:
    point = np.array([shapely.Point(lon, lat)], dtype=object)
    metres = shapely.transform(point, lambda xy: projected(xy, 3857))
    back = crs.to_wgs84(metres, CRS.from_epsg(3857))
    assert shapely.get_coordinates(back)[0] == pytest.approx((lon, lat), abs=1e-8)
