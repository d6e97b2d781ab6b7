"""Is every way of writing a pair of coordinates understood, and nothing else taken for one?"""

from __future__ import annotations

import pytest
import shapely

from geo.geocode.coordinates import is_short_link, read_coordinates
from geo.geocode.engine import Geocoder
from geo.geocode.scope import Scope
from geo.vocabulary import GeocodeStatus, MatchLevel

LAT, LON = 54.62694, 39.70417
PLACE = "data=!3m1!4b1!4m5!3m4!1s0x0:0x0!8m2!3d54.62694!4d39.70417"
NOTATIONS = [
    "54.62694, 39.70417",
    "54.62694 39.70417",
    "54.62694;39.70417",
    "54.62694,39.70417",
    "54,62694 39,70417",
    "54,62694; 39,70417",
    "54,62694, 39,70417",
    "54,62694,39,70417",
    "(54.62694, 39.70417)",
    "54.62694/39.70417",
    "+54.62694 +39.70417",
    "54.62694° 39.70417°",
    "54,62694° с.ш., 39,70417° в.д.",
    "54.62694N 39.70417E",
    "N54.62694, E39.70417",
    "54.62694 N, 39.70417 E",
    "39.70417E 54.62694N",
    "39,70417 в.д. 54,62694 с.ш.",
    "54°37′37″ с.ш. 39°42′15″ в.д.",
    "54° 37' 37\" N 39° 42' 15\" E",
    "54°37'37\"N, 39°42'15\"E",
    "N 54°37'37\" E 39°42'15\"",
    "С 54°37'37\" В 39°42'15\"",
    "54 37 37 N, 39 42 15 E",
    "54-37-37 с.ш. 39-42-15 в.д.",
    "N 54° 37.617' E 39° 42.25'",
    "54 град. 37 мин. 37 сек. с.ш., 39 град. 42 мин. 15 сек. в.д.",
    "54°37'37'' северной широты 39°42'15'' восточной долготы",
    "39°42′15″ в.д., 54°37′37″ с.ш.",
    "54°37′37″ 39°42′15″",
    "lat=54.62694&lon=39.70417",
    "lat: 54.62694, lon: 39.70417",
    "lon=39.70417, lat=54.62694",
    "широта 54.62694 долгота 39.70417",
    "Широта: 54,62694, Долгота: 39,70417",
    "geo:54.62694,39.70417",
    "geo:54.62694,39.70417?z=17",
    "geo:0,0?q=54.62694,39.70417(Дом)",
    "POINT(39.70417 54.62694)",
    "POINT Z (39.70417 54.62694 100)",
    "SRID=4326;POINT(39.70417 54.62694)",
    '{"type":"Point","coordinates":[39.70417,54.62694]}',
    "https://www.openstreetmap.org/#map=17/54.62694/39.70417",
    "https://www.openstreetmap.org/?mlat=54.62694&mlon=39.70417#map=15/54.1/39.1",
    "https://yandex.ru/maps/?ll=39.704170%2C54.626940&z=17",
    "https://yandex.ru/maps/?pt=39.70417,54.62694&z=18&l=map",
    "https://yandex.ru/maps/11/ryazan/?ll=39.1%2C54.1&mode=whatshere&whatshere%5Bpoint%5D=39.70417%2C54.62694&z=17",
    "https://yandex.ru/maps/?text=54.62694,39.70417",
    "https://2gis.ru/ryazan/geo/39.70417,54.62694",
    "https://2gis.ru/ryazan?m=39.70417%2C54.62694%2F17",
    "https://2gis.ru/ryazan/geo/70030076/39.70417%2C54.62694?m=39.1%2C54.1%2F16",
    "https://www.google.com/maps/@54.62694,39.70417,17z",
    f"https://www.google.com/maps/place/X/@54.1,39.1,17z/{PLACE}",
    "https://maps.google.com/?q=54.62694,39.70417",
    "https://www.google.com/maps/search/?api=1&query=54.62694%2C39.70417",
    "https://www.google.ru/maps/search/54.62694,+39.70417",
    "https://maps.apple.com/?ll=54.62694,39.70417&q=x",
    "https://www.bing.com/maps?cp=54.62694~39.70417&lvl=16",
    "Яма здесь: 54.62694, 39.70417, во дворе",
]


@pytest.mark.parametrize("text", NOTATIONS)
def test_every_notation_is_one_point(text: str) -> None:
    pair = read_coordinates(text)
    assert pair is not None
    assert (pair.lat, pair.lon) == pytest.approx((LAT, LON), abs=2e-4)


@pytest.mark.parametrize(
    "text",
    [
        "ул. Ленина, 12",
        "д. 5/3, кв. 12",
        "12, 14",
        "ул. Мира 12-14",
        "+7 912 345-67-89",
        "620000",
        "10.05.2024",
        "дом 54.5 с 39.7",
        "1-я линия, 5",
        "12.30",
        "с 9.00 до 18.00",
        "п. 3.2 устава",
        "Волгоград, Ангарское ш., 55, д. 37",
        "Долгопрудный, Лихачёвское ш. 12, д. 5",
        "",
    ],
)
def test_other_texts_are_no_coordinates(text: str) -> None:
    assert read_coordinates(text) is None


def test_southern_and_western_halves() -> None:
    pair = read_coordinates("33°26′ ю.ш. 70°40′ з.д.")
    assert pair is not None
    assert (pair.lat, pair.lon) == pytest.approx((-33.4333, -70.6667), abs=1e-3)


def test_openstreetmap_short_links_hold_their_point() -> None:
    pair = read_coordinates("https://osm.org/go/0EEQjE==")
    assert pair is not None
    assert (pair.lat, pair.lon) == pytest.approx((51.511, 0.055), abs=0.01)


def test_other_short_links_are_said_to_be_short(fresh: Geocoder) -> None:
    for link in ("https://yandex.ru/maps/-/CDabc1", "https://goo.gl/maps/abcd12", "https://maps.app.goo.gl/Xyz"):
        assert is_short_link(link)
        answer = fresh.geocode(link)
        assert answer.status == GeocodeStatus.UNMATCHED
        assert "link" in str(answer.why)


def test_a_pair_is_accepted_as_a_point(fresh: Geocoder) -> None:
    answer = fresh.geocode("54.62694, 39.70417")
    assert (answer.status, answer.level) == (GeocodeStatus.ACCEPTED, MatchLevel.POINT)
    assert (answer.lat, answer.lon) == (LAT, LON)


@pytest.mark.parametrize("text", ["120.5, 300", "99.12, 250.4", "-95.5, 37.1"])
def test_impossible_pairs_are_refused_with_the_reason(fresh: Geocoder, text: str) -> None:
    answer = fresh.geocode(text)
    assert not answer.accepted
    assert "globe" in str(answer.why) or "exchanged" in str(answer.why) or "outside" in str(answer.why)


def test_zero_is_no_place(fresh: Geocoder) -> None:
    for text in ("0,0", "0.0, 0.0"):
        answer = fresh.geocode(text)
        assert answer.status == GeocodeStatus.REVIEW
        assert "zero" in str(answer.why)


def test_a_pair_is_turned_only_when_only_the_other_order_fits(geocoder: Geocoder) -> None:
    turned = geocoder.geocode("60.001, 56.001", scope="Приреченск")
    assert turned.accepted
    assert (turned.lat, turned.lon) == (56.001, 60.001)
    assert [str(warning) for warning in turned.warnings] == [str(turned.why)]
    # without a scope both orders lie in Russia, so the text is believed
    assert geocoder.geocode("60.001, 56.001").lat == 60.001


def test_a_sure_notation_is_shown_to_a_person_before_it_is_turned(geocoder: Geocoder) -> None:
    answer = geocoder.geocode("lat=60.001&lon=56.001", scope="Приреченск")
    assert answer.status == GeocodeStatus.REVIEW
    assert (answer.lat, answer.lon) == (56.001, 60.001)


def test_a_point_must_lie_in_the_polygon_of_the_scope(geocoder: Geocoder) -> None:
    scope = Scope("Приреченск", polygon=shapely.box(59.9, 55.9, 60.1, 56.1))
    assert geocoder.geocode("56.0, 60.0", scope).accepted
    outside = geocoder.geocode("56.2, 60.0", scope)
    assert outside.status == GeocodeStatus.REVIEW
    assert "outside" in str(outside.why)
    assert geocoder.geocode("ул. Есенина, 112", scope).accepted
