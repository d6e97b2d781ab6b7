"""Where is it? One call from a text to an answer, offline.

    geocoder = Geocoder(merged([own, shipped_gazetteer()]))
    answer = geocoder.geocode("г. Рязань, ул. Есенина, д. 112")

Coordinates and map links are understood first, then GUIDs of the state address register, then addresses, objects, areas
and settlements. Building the index takes seconds for a big city; a geocoder is made once per gazetteer version and used
by many threads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial

import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, Message
from geo.geocode.answer import Answer, AskedAgain
from geo.geocode.candidates import Candidate, Limits
from geo.geocode.coordinates import Coordinates, is_short_link, read_coordinates
from geo.geocode.decide import decide, decide_exact
from geo.geocode.gar import guid_bytes
from geo.geocode.gazetteer import Gazetteer
from geo.geocode.index import Index
from geo.geocode.match import by_guid, find_candidates
from geo.geocode.normalise import WORD, tokenise
from geo.geocode.places import distance_m
from geo.geocode.read import read_text
from geo.geocode.reading import Reading
from geo.geocode.regions import district_key
from geo.geocode.scope import Context, Everywhere, Expected, InPolygon, InSettlements, Scope
from geo.geocode.settlement_names import name_words
from geo.geocode.transliterate import flip_layout, is_latin
from geo.geocode.types import district_word, place_types, settlement_marker
from geo.vocabulary import GeocodeStatus, MatchLevel

LONGEST_TEXT = 500
_NEIGHBOURS_M = 10_000.0
_METRES_PER_DEGREE = 111_320.0
_SHARE_FLIPPED = 0.5
_GUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)
_MOST_SCOPES = 1000


@dataclass(frozen=True)
class _Resolved:
    """A scope in terms of one index; known is False when its name fits no settlement or district."""

    limits: Limits
    inside: Expected
    known: bool = True


class Geocoder:
    """Answers texts from one gazetteer. `scope` is the default for calls that give none."""

    def __init__(self, gazetteer: Gazetteer, scope: Scope | str | None = None) -> None:
        self.index = Index(gazetteer)
        self._scopes: dict[Scope, _Resolved] = {}
        self._default = _as_scope(scope)

    @property
    def version(self) -> str:
        """The version of the gazetteer that answers."""
        return self.index.version

    def geocode(
        self, text: str, scope: Scope | str | None = None, context: Context | None = None, *, explain: bool = False
    ) -> Answer:
        """The answer for one text; never raises for what people write. Of texts longer than 500 characters
        the beginning is read, and a person has to look.

        `scope` is where it must lie; `context`, without a scope, where it is looked for when it names no settlement.
        With `explain` what the answer rests on is kept for its choices and parts; else the text is read again for them.
        """
        resolved = self._resolve(_as_scope(scope) or self._default)
        found = self._answer(text[:LONGEST_TEXT], resolved)
        if context is not None and scope is None and not found.accepted and found.placeless:
            there = self._answer(text[:LONGEST_TEXT], self._resolve(context.scope))
            found = _in_context(found, there, context)
        if found.explanation is not None and not explain:
            found.explanation = AskedAgain(partial(self.geocode, text, scope, context, explain=True))
        return _cut(found) if len(text.rstrip()) > LONGEST_TEXT else found

    def _answer(self, text: str, resolved: _Resolved) -> Answer:
        pair = read_coordinates(text)
        if pair is not None:
            return self._point(text, pair, resolved)
        if is_short_link(text):
            why = N_("A shortened map link holds no coordinates: open it and copy the full address.")
            return self._unmatched(text, Message(why))
        if not resolved.known:
            return self._unmatched(text, Message(N_("The municipality expected is not in the gazetteer.")))
        return self._registered(text, resolved) or self._place(text, resolved)

    def read(self, text: str) -> Reading:
        """The text as read with the names of this gazetteer, keyboard layout repaired."""
        reading = read_text(text, self.index)
        if reading.latin and self._typed_on_wrong_layout(text):
            reading = read_text(flip_layout(text), self.index)
        return reading

    def limits(self, scope: Scope | str | None) -> Limits:
        """The settlements a scope stands for."""
        return self._resolve(_as_scope(scope)).limits

    def candidates(self, reading: Reading, scope: Scope | str | None = None) -> list[Candidate]:
        """The places a reading may mean, the best first, undecided."""
        return find_candidates(reading, self.index, self.limits(scope))

    def _place(self, text: str, resolved: _Resolved) -> Answer:
        reading = self.read(text)
        candidates = find_candidates(reading, self.index, resolved.limits)
        return decide(reading, self.index, candidates, resolved.inside)

    def _registered(self, text: str, resolved: _Resolved) -> Answer | None:
        """The object whose GUID the text holds; None for a text without one, or with one nobody here knows beside
        other words."""
        written = _GUID.search(text)
        if written is None:
            return None
        candidate = by_guid(self.index, guid_bytes(written[0]))
        if candidate is not None:
            reading = self.read(text)
            within = [n for n, t in enumerate(reading.tokens) if t.start < written.end() and t.end > written.start()]
            found = decide_exact(reading, self.index, replace(candidate, used=tuple(within)), resolved.inside)
            # no surroundings say more than a GUID, and it is the same place in all of them
            return replace(found, words=written[0].lower(), placeless=False)
        if written[0] == text.strip():
            return self._unmatched(text, Message(N_("No object with this GUID is known here.")))
        return None

    def _typed_on_wrong_layout(self, text: str) -> bool:
        """Whether more words are known with the layout switched than as they stand."""
        flipped = self._known_words(flip_layout(text))
        return flipped >= _SHARE_FLIPPED and flipped > self._known_words(text)

    def _known_words(self, text: str) -> float:
        words = [token.text for token in tokenise(text) if token.kind == WORD and len(token.text) > 2]
        known = sum(
            bool(
                self.index.vocabulary.same(word)
                or self.index.settlement_names.same([word], is_latin(word))
                or settlement_marker(word)
                or place_types(word)
            )
            for word in words
        )
        return known / len(words) if words else 0.0

    # ---- coordinates ---------------------------------------------------------------------------------------

    def _point(self, text: str, pair: Coordinates, resolved: _Resolved) -> Answer:
        turned = pair.swapped()
        fits = pair.possible and not pair.is_null_island and resolved.inside.covers(pair.lat, pair.lon)
        if fits:
            return self._at(text, pair, GeocodeStatus.ACCEPTED, 1.0, Message(N_("The text holds coordinates.")))
        if turned.possible and not pair.is_null_island and resolved.inside.covers(turned.lat, turned.lon):
            return self._turned(text, pair, turned)
        if not pair.possible:
            return self._unmatched(text, Message(N_("The coordinates lie outside the globe.")))
        if pair.is_null_island:
            return self._at(text, pair, GeocodeStatus.REVIEW, 0.1, Message(N_("The coordinates are zero.")))
        why = Message(N_("The place found lies outside the municipality expected."))
        return self._at(text, pair, GeocodeStatus.REVIEW, 0.5, why)

    def _turned(self, text: str, pair: Coordinates, turned: Coordinates) -> Answer:
        """Only the other order fits: taken when the notation leaves the order open, else shown to a person."""
        why = Message(N_("Latitude and longitude were exchanged: only the other order fits."))
        if pair.sure:
            return self._at(text, turned, GeocodeStatus.REVIEW, 0.6, why)
        return self._at(text, turned, GeocodeStatus.ACCEPTED, 0.95, why, warnings=(why,))

    def _at(
        self, text: str, pair: Coordinates, status: GeocodeStatus, confidence: float, why: Message,
        warnings: tuple[Message, ...] = (),
    ) -> Answer:  # fmt: skip
        return Answer(
            text=text, status=status, level=MatchLevel.POINT, why=why, lat=pair.lat, lon=pair.lon,
            confidence=confidence, label=f"{pair.lat:.6f}, {pair.lon:.6f}", place_kind="point", warnings=warnings,
            version=self.version,
        )  # fmt: skip

    def _unmatched(self, text: str, why: Message) -> Answer:
        return Answer(text, GeocodeStatus.UNMATCHED, MatchLevel.NONE, why, version=self.version)

    # ---- scope ---------------------------------------------------------------------------------------------

    def _resolve(self, scope: Scope | None) -> _Resolved:
        if scope is None:
            return _NO_SCOPE
        found = self._scopes.get(scope)
        if found is None:
            if len(self._scopes) >= _MOST_SCOPES:  # every view of a map may be one
                self._scopes.clear()
            found = self._scopes[scope] = self._resolved(scope)
        return found

    def _resolved(self, scope: Scope) -> _Resolved:
        settlements = self._settlements_of(scope)
        if scope.polygon is not None:
            return _Resolved(Limits(settlements), InPolygon(scope.polygon))
        if not settlements:
            return _Resolved(Limits(frozenset()), Everywhere(), known=False)
        return _Resolved(Limits(settlements), InSettlements(self.index, settlements))

    def _settlements_of(self, scope: Scope) -> frozenset[int]:
        index = self.index
        if scope.settlement_ids:
            wanted = set(scope.settlement_ids)
            return frozenset(n for n, town in enumerate(index.settlements) if town.id in wanted)
        if scope.polygon is not None:
            return self._settlements_in(scope.polygon)
        return self._settlements_called(scope.name)

    def _settlements_in(self, polygon: BaseGeometry) -> frozenset[int]:
        """Settlements inside and up to 10 km around: people write the neighbour's name."""
        wider = polygon.buffer(_NEIGHBOURS_M / _METRES_PER_DEGREE)
        towns = self.index.settlements
        inside = shapely.contains_xy(wider, [town.lon for town in towns], [town.lat for town in towns])
        return frozenset(int(n) for n in inside.nonzero()[0])

    def _settlements_called(self, name: str) -> frozenset[int]:
        index = self.index
        own, _, region = name.partition(",")
        words = name_words(own)
        unmarked = [word for word in words if not settlement_marker(word)]
        plain = [word for word in unmarked if not district_word(word) and word not in _SCOPE_WORDS]
        for attempt in (words, unmarked, plain):
            found = self._called(attempt)
            if found:
                found = _in_region(index, found, region.strip()) or found
                return frozenset(found & index.loaded_settlements or found)
        return self._settlements_of_district(name)

    def _called(self, words: list[str]) -> set[int]:
        """Settlements with this usual name, else those with it as another name."""
        if not words:
            return set()
        forms = self.index.settlement_names.same(words, is_latin(words[0]))
        return {form.settlement for form in forms if form.usual} or {form.settlement for form in forms}

    def _settlements_of_district(self, name: str) -> frozenset[int]:
        index = self.index
        areas = [index.places[n] for n in index.districts.get(district_key(name), ())]
        return frozenset(
            n
            for n, town in enumerate(index.settlements)
            if (district_key(town.district) == district_key(name) and town.district)
            or any(distance_m(a.lat, a.lon, town.lat, town.lon) <= a.radius_m for a in areas)
        )


_NO_SCOPE = _Resolved(Limits(), Everywhere())
_SCOPE_WORDS = frozenset(
    ["городской", "муниципальный", "округ", "го", "мо", "район", "городское", "сельское", "поселение", "муниципальное"]
)


def _cut(found: Answer) -> Answer:
    """What stands beyond the beginning of a long story may be another address."""
    if not found.accepted:
        return found
    why = Message(N_("Only the first {count} letters of the text were read: it may go on."), {"count": LONGEST_TEXT})
    return replace(found, status=GeocodeStatus.REVIEW, why=why, confidence=min(found.confidence, 0.6))


def _in_context(anywhere: Answer, there: Answer, context: Context) -> Answer:
    """The answer in the text's surroundings, if there is one. Rows that say the same elsewhere are other rows."""
    words = " ".join((*name_words(context.said), anywhere.normal))
    if there.accepted:
        return replace(there, why=context.why, words=words)
    useful = there.choices and there.status != GeocodeStatus.UNMATCHED
    return replace(there if useful else anywhere, words=words)


def _as_scope(scope: Scope | str | None) -> Scope | None:
    if isinstance(scope, str):
        return Scope(name=scope) if scope.strip() else None
    return scope


def _in_region(index: Index, settlements: set[int], region: str) -> set[int]:
    return {n for n in settlements if region and index.settlements[n].region == region}
