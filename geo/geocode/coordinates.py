"""Is this text a pair of coordinates, in whatever notation, or a link from a map?

Understood are decimals with point or comma, degrees with minutes and seconds (Latin and Cyrillic hemispheres),
`geo:`, WKT and GeoJSON points, `lat=…&lon=…` and links of OpenStreetMap, Yandex, 2GIS, Google, Apple and Bing. Where
the notation says which number is the latitude, it is believed; a bare pair is latitude first, and turned round only
by the caller who knows that only the other order fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote_plus

_MOST_LATITUDE, _MOST_LONGITUDE = 90.0, 180.0
_LEAST_DECIMALS_IN_TEXT = 3


@dataclass(frozen=True, slots=True)
class Coordinates:
    """A pair as written. sure: the notation says which is which. whole: the text holds nothing else."""

    lat: float
    lon: float
    sure: bool
    whole: bool = True

    @property
    def possible(self) -> bool:
        """Whether the pair lies on the globe."""
        return abs(self.lat) <= _MOST_LATITUDE and abs(self.lon) <= _MOST_LONGITUDE

    @property
    def is_null_island(self) -> bool:
        """0,0 is what programs write when they know nothing."""
        return abs(self.lat) < 0.01 and abs(self.lon) < 0.01

    def swapped(self) -> Coordinates:
        """The same two numbers in the other order."""
        return Coordinates(self.lon, self.lat, self.sure, self.whole)


class _Pair(NamedTuple):
    lat: float
    lon: float
    sure: bool = True


_NUMBER = r"([+-]?\d{1,3}(?:\.\d+)?)"
_LINK_PAIR = rf"{_NUMBER}\s*(?:,|%2[Cc]|\s|\+)\s*\+?{_NUMBER}"
_URL = re.compile(
    r"(?:https?://|www\.|\b(?:yandex|google|2gis|openstreetmap|osm|goo|maps|yango|bing|apple)\.)\S+", re.I
)


def _lat_lon(lat: str, lon: str) -> _Pair:
    return _Pair(float(lat), float(lon))


def _lon_lat(lon: str, lat: str) -> _Pair:
    return _Pair(float(lat), float(lon))


_Order = Callable[[str, str], _Pair]
# host part of the address -> patterns tried in turn; the pin of a link comes before the centre of its view
_LINKS: tuple[tuple[re.Pattern[str], tuple[tuple[re.Pattern[str], _Order], ...]], ...] = tuple(
    (re.compile(host, re.I), tuple((re.compile(pattern, re.I), order) for pattern, order in patterns))
    for host, patterns in (
        (
            r"(?:openstreetmap|osm)\.org",
            (
                (rf"mlat={_NUMBER}&mlon={_NUMBER}", _lat_lon),
                (rf"mlon={_NUMBER}&mlat={_NUMBER}", _lon_lat),
                (rf"#map=\d+(?:\.\d+)?/{_NUMBER}/{_NUMBER}", _lat_lon),
                (rf"lat={_NUMBER}&lon={_NUMBER}", _lat_lon),
                (rf"(?:query|to|from)={_LINK_PAIR}", _lat_lon),
            ),
        ),
        (
            r"(?:yandex|yango)\.[a-z]+|ya\.ru",
            (
                (rf"whatshere\[point\]={_LINK_PAIR}", _lon_lat),
                (rf"poi\[point\]={_LINK_PAIR}", _lon_lat),
                (rf"[?&]pt={_LINK_PAIR}", _lon_lat),
                (rf"[?&]text={_LINK_PAIR}", _lat_lon),
                (rf"rtext=(?:[^&]*~)?{_LINK_PAIR}(?=&|$)", _lat_lon),
                (rf"[?&]s?ll={_LINK_PAIR}", _lon_lat),
            ),
        ),
        (
            r"2gis\.[a-z]+",
            (
                (rf"/(?:geo|firm|building|station|gates|entrance)/(?:\d+/)?{_LINK_PAIR}", _lon_lat),
                (rf"(?:directions/points|rsType|to)[^?#]*?(?:\||/){_LINK_PAIR}", _lon_lat),
                (rf"center/{_LINK_PAIR}", _lon_lat),
                (rf"[?&]m={_LINK_PAIR}", _lon_lat),
            ),
        ),
        (
            r"google\.[a-z.]+|goo\.gl",
            (
                (rf"!3d{_NUMBER}!4d{_NUMBER}", _lat_lon),
                (rf"!2d{_NUMBER}!3d{_NUMBER}", _lon_lat),
                (rf"[?&](?:q|query|destination|daddr|ll|sll|center|viewpoint)=(?:loc:)?{_LINK_PAIR}", _lat_lon),
                (rf"/(?:place|search|dir)/(?:[^@?]*/)?{_LINK_PAIR}", _lat_lon),
                (rf"/@{_LINK_PAIR}", _lat_lon),
            ),
        ),
        (r"apple\.com", ((rf"[?&](?:q|ll|sll|daddr|coordinate)={_LINK_PAIR}", _lat_lon),)),
        (r"bing\.com", ((rf"(?:cp|rtp|sp)=[^&]*?{_NUMBER}[~_]{_NUMBER}", _lat_lon),)),
        (r"", (
            (rf"[?&](?:m?lat|latitude)={_NUMBER}&(?:m?lon|lng|longitude)={_NUMBER}", _lat_lon),
            (rf"[?&](?:lon|lng|longitude)={_NUMBER}&(?:lat|latitude)={_NUMBER}", _lon_lat),
            (rf"/@{_LINK_PAIR}", _lat_lon),
        )),
    )
)  # fmt: skip
_SHORT_LINK = re.compile(r"(?:goo\.gl|maps\.app|yandex\.[a-z]+/maps/-/|go\.2gis\.com|ya\.cc|clck\.ru)")
_OSM_SHORT = re.compile(r"(?:openstreetmap\.org|osm\.org)/go/([A-Za-z0-9_~@]+)")
_OSM_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~"

_GEO_URI = re.compile(rf"geo:{_NUMBER},{_NUMBER}(?:,[\d.-]+)?(?:[;?]\S*)?", re.I)
_GEO_QUERY = re.compile(rf"geo:0(?:\.0+)?,0(?:\.0+)?\?(?:\S*&)?q={_NUMBER},{_NUMBER}", re.I)
_WKT = re.compile(
    rf"(?:srid\s*=\s*4326\s*;\s*)?point\s*(?:z|m|zm)?\s*\(\s*{_NUMBER}\s+{_NUMBER}(?:\s+[\d.+-]+)*\s*\)", re.I
)
_GEOJSON = re.compile(rf"\"?coordinates\"?\s*:\s*\[\s*{_NUMBER}\s*,\s*{_NUMBER}", re.I)
# a letter alone stands before decimals only: "ш. 12, д. 5" is a шоссе and a house
_FRACTION = r"(?=\W{0,5}\d{1,3}[.,]\d)"
_LAT_WORD = rf"(?:lat(?:itude)?|широта|шир|ш{_FRACTION})"
_LON_WORD = rf"(?:lon(?:g(?:itude)?)?|lng|долгота|долг|д{_FRACTION})"
_JOIN = r"\W{0,3}\s*[:=]?\s*"
_DECIMAL = r"([+-]?\d{1,3}[.,]\d+|[+-]?\d{1,3})"
_LABELLED = re.compile(rf"\b{_LAT_WORD}\b\.?{_JOIN}{_DECIMAL}\D{{1,12}}?\b{_LON_WORD}\b\.?{_JOIN}{_DECIMAL}", re.I)
_LABELLED_TURNED = re.compile(
    rf"\b{_LON_WORD}\b\.?{_JOIN}{_DECIMAL}\D{{1,12}}?\b{_LAT_WORD}\b\.?{_JOIN}{_DECIMAL}", re.I
)

_DEGREE = r"(?:\s*(?:°|º|˚|град(?:усов|уса|ус)?\.?|deg|d|\*)\s*)"
_MINUTE = r"(?:\s*(?:′|'|’|‘|ʹ|´|`|мин(?:ут(?:ы|а)?)?\.?|min|m)\s*)"
_SECOND = r"(?:\s*(?:″|\"|”|“|ʺ|''|′′|’’|сек(?:унд(?:ы|а)?)?\.?|sec|s)\s*)"
# hemispheres: Latin, "с.ш.", "северной широты", lone С/Ю/В/З; В and С are also lookalikes of Latin letters
_SIDES = {
    "n": r"n(?:orth)?|с\.?\s*ш\.?|сев(?:ерн\w*)?\.?(?:\s*шир\w*\.?)?|с",
    "s": r"s(?:outh)?|ю\.?\s*ш\.?|южн\w*\.?(?:\s*шир\w*\.?)?|ю",
    "e": r"e(?:ast)?|в\.?\s*д\.?|вост(?:очн\w*)?\.?(?:\s*долг\w*\.?)?|в",
    "w": r"w(?:est)?|з\.?\s*д\.?|зап(?:адн\w*)?\.?(?:\s*долг\w*\.?)?|з",
}
_SIDE = "(?:" + "|".join(f"(?:{pattern})" for pattern in _SIDES.values()) + ")"
# decimal degrees, or whole degrees with minutes and seconds
_ANGLE = (
    rf"([+-]?\d{{1,3}}(?:[.,]\d+(?={_DEGREE})|(?![.,]\d)))(?:{_DEGREE})"
    rf"(?:(\d{{1,2}}(?:[.,]\d+)?)(?![.,\d]|{_DEGREE})(?:{_MINUTE}(?:(\d{{1,2}}(?:[.,]\d+)?)(?![.,\d]|{_DEGREE}){_SECOND}?)?)?)?"
)
_BARE_ANGLE = r"(\d{1,3})[\s:-]+(\d{1,2})[\s:-]+(\d{1,2}(?:[.,]\d+)?)\"?"
_PLAIN_ANGLE = r"([+-]?\d{1,3}[.,]\d+)()()"
_SEPARATOR = r"\s*[,;/|и]?\s*"


def _two_angles(angle: str, *, before: bool) -> re.Pattern[str]:
    side = rf"(?<![^\W\d_])({_SIDE})\.?(?![^\W\d_])\s*" if before else ""
    after = "" if before else rf"\s*({_SIDE})(?![^\W\d_])\.?"
    return re.compile(side + angle + after + _SEPARATOR + side + angle + after, re.I)


_SIDED = [
    (_two_angles(angle, before=before), before)
    for before in (False, True)
    for angle in (_ANGLE, _BARE_ANGLE, _PLAIN_ANGLE)
]
_UNSIDED = re.compile(_ANGLE + _SEPARATOR + _ANGLE + r"(?!\d)", re.I)
_POINTS = re.compile(r"(?<![\d.,/-])([+-]?\d{1,3}\.\d+)\s*(?:[,;:/|]|\s)\s*([+-]?\d{1,3}(?:\.\d+)?)(?![\d/-]|\.\d)")
_COMMAS = re.compile(r"(?<![\d.,/-])([+-]?\d{1,3},\d+)\s*(?:,\s|;|\s|/|\|)\s*([+-]?\d{1,3},\d+)(?![\d/-]|,\d)")
_GLUED_COMMAS = re.compile(r"(?<![\d.,/-])([+-]?\d{1,3},\d{3,}),([+-]?\d{1,3},\d{3,})(?![\d/-]|,\d)")
_TRAILING_POINT = re.compile(r"(?<![\d.,/-])([+-]?\d{1,3})\s*[,;]\s*([+-]?\d{1,3}\.\d+)(?![\d/-]|\.\d)")
# nearly all addresses stop here: two patterns, each fast because the letters it may begin with are known
_COORDINATE_WORD = re.compile(r"°|º|˚|://|www\.|geo:|point|coord|\.(?:ru|com|org|kg|by|kz)\b|/go/|lat|шир|долг")
# degrees stand behind a number: the "град" of a town's name is none
_COORDINATE_NUMBERS = re.compile(r"\d(?:[.,]\d|[\s:-]+\d{1,2}[\s:-]+\d|(?<=\b0)\W+0\b|\s*(?:град|deg))")
_ZEROS = re.compile(r"0(?:[.,]0+)?\s*[,;\s]\s*0(?:[.,]0+)?")
_LETTER = re.compile(r"[^\W\d_]")


def read_coordinates(text: str) -> Coordinates | None:
    """The pair a text means; None when it is no coordinate text at all. The pair may be impossible ("120.5, 300").

    >>> read_coordinates("54°37′37″ с.ш. 39°42′15″ в.д.")
    Coordinates(lat=54.626944, lon=39.704167, sure=True, whole=True)
    >>> read_coordinates("59,9386; 30,3141")
    Coordinates(lat=59.9386, lon=30.3141, sure=False, whole=True)
    >>> read_coordinates("https://yandex.ru/maps/?ll=37.6173%2C55.7558&z=12").lat
    55.7558
    """
    folded = text.lower()
    if not (_COORDINATE_WORD.search(folded) or _COORDINATE_NUMBERS.search(folded)):
        return None
    stripped = text.strip()
    pair = _from_link(stripped) or _from_notation(stripped)
    if pair is not None:
        return Coordinates(round(pair.lat, 6), round(pair.lon, 6), pair.sure)
    return _from_numbers(stripped)


def is_short_link(text: str) -> bool:
    """Whether this is a shortened map link, which only its owner's server can turn into a place."""
    return bool(_SHORT_LINK.search(text.lower())) and read_coordinates(text) is None


def _from_link(text: str) -> _Pair | None:
    found = _URL.search(text)
    if not found:
        return None
    short = _OSM_SHORT.search(found[0])
    if short:
        return _osm_short_link(short[1])
    address = unquote_plus(found[0])
    for host, patterns in _LINKS:
        if host.search(address):
            for pattern, order in patterns:
                pair = pattern.search(address)
                if pair:
                    return order(pair[1], pair[2])
    return None


def _osm_short_link(code: str) -> _Pair | None:
    """OpenStreetMap's own short links hold the point itself: six bits a letter, longitude and latitude in turn."""
    x = y = 0
    bits = 0
    for letter in code.replace("@", "~").rstrip("-"):
        value = _OSM_ALPHABET.find(letter)
        if value < 0:
            return None
        for shift in (4, 2, 0):
            x = (x << 1) | ((value >> (shift + 1)) & 1)
            y = (y << 1) | ((value >> shift) & 1)
        bits += 3
    if not bits:
        return None
    half_cell = 0.5
    return _Pair((y + half_cell) / 2**bits * 180 - 90, (x + half_cell) / 2**bits * 360 - 180)


def _from_notation(text: str) -> _Pair | None:
    for pattern, order in (
        (_GEO_QUERY, _lat_lon), (_GEO_URI, _lat_lon), (_WKT, _lon_lat), (_GEOJSON, _lon_lat),
        (_LABELLED, _lat_lon), (_LABELLED_TURNED, _lon_lat),
    ):  # fmt: skip
        found = pattern.search(text)
        if found:
            return order(found[1].replace(",", "."), found[2].replace(",", "."))
    return _from_angles(text)


def _from_angles(text: str) -> _Pair | None:
    for pattern, before in _SIDED:
        found = pattern.search(text)
        if found:
            groups = found.groups()
            pair = _sided(groups[:4], groups[4:], before)
            if pair:
                return pair
    found = _UNSIDED.search(text)
    if found and (found[2] or found[5] or "°" in found[0]):
        groups = found.groups()
        return _Pair(_degrees(groups[:3]), _degrees(groups[3:]), sure=False)
    return None


def _sided(first: tuple[str | None, ...], second: tuple[str | None, ...], before: bool) -> _Pair | None:
    sides = (first[0], second[0]) if before else (first[3], second[3])
    angles = (first[1:], second[1:]) if before else (first[:3], second[:3])
    one, other = _side_of(sides[0] or ""), _side_of(sides[1] or "")
    values = [_degrees(angle) * (-1 if side in "sw" else 1) for angle, side in zip(angles, (one, other), strict=True)]
    if one in "ns" and other in "ew":
        return _Pair(values[0], values[1])
    if one in "ew" and other in "ns":
        return _Pair(values[1], values[0])
    return None


def _side_of(text: str) -> str:
    for side, pattern in _SIDES.items():
        if re.fullmatch(rf"(?:{pattern})", text, re.I):
            return side
    return "?"


def _degrees(parts: tuple[str | None, ...]) -> float:
    degrees, minutes, seconds = (float((part or "0").replace(",", ".")) for part in parts)
    sign = -1.0 if (parts[0] or "").startswith("-") else 1.0
    return sign * (abs(degrees) + minutes / 60 + seconds / 3600)


def _from_numbers(text: str) -> Coordinates | None:
    """A bare pair of decimals; among other words only when both are too exact to be anything else."""
    if _ZEROS.fullmatch(text):
        return Coordinates(0.0, 0.0, False)
    for pattern in (_COMMAS, _GLUED_COMMAS, _POINTS, _TRAILING_POINT):
        found = pattern.search(text)
        if found is None:
            continue
        rest = text[: found.start()] + text[found.end() :]
        whole = not _LETTER.search(rest) and not any(letter.isdigit() for letter in rest)
        if whole or all(_decimals(number) >= _LEAST_DECIMALS_IN_TEXT for number in found.groups()):
            lat, lon = (float(number.replace(",", ".")) for number in found.groups())
            return Coordinates(lat, lon, False, whole)
    return None


def _decimals(number: str) -> int:
    return len(re.split(r"[.,]", number)[-1]) if re.search(r"[.,]", number) else 0
