"""Where does a text lie that names no settlement? Where its surroundings say, and the answer says that.

The rows of one file share a settlement when nearly all that name one name the same; somebody who looks at a map means
what is there; an installation for one municipality means that. It is a preference, not a limit: a text that names
another place is looked for there, and where the surroundings decide nothing, ambiguous stays ambiguous.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from geo.errors import N_, Message
from geo.geocode.scope import Context, InSettlements, Scope
from geo.geocode.store import scope_of

if TYPE_CHECKING:
    from geo.geocode.engine import Geocoder

BY_ROWS = N_("The text names no settlement; looked for in {name}, as {share} % of the rows that name one name it.")
BY_VIEW = N_("The text names no settlement; looked for in {name}, where the map was.")
BY_CITY = N_("The text names no settlement; looked for in {name}, whose boundary is the one loaded.")
# a settlement named by fewer rows, or by a smaller part of those that name any, is not the file's
LEAST_ROWS, LEAST_SHARE = 3, 0.9
# texts of a long file that are looked at for it
SAMPLE = 1000
# south, west, north, east of what somebody looks at, degrees; a point is a view without size
View = tuple[float, float, float, float]
WIDEST_VIEW = 2.0


def context_of_rows(geocoder: Geocoder, texts: Iterable[str]) -> Context | None:
    """The settlement that rows of one file have in common; None when they name none, few, or several."""
    distinct = list(dict.fromkeys(texts))
    step = -(-len(distinct) // SAMPLE) or 1
    named = Counter(filter(None, (_named(geocoder, words) for words in distinct[::step])))
    if not named:
        return None
    [(name, rows)] = named.most_common(1)
    share = rows / named.total()
    if rows < LEAST_ROWS or share < LEAST_SHARE:
        return None
    return _by_rows(name, round(100 * share))


def _by_rows(name: str, share: int) -> Context:
    return Context(Scope(name=name), name.partition(",")[0], Message(BY_ROWS, {"name": name, "share": share}))


def _named(geocoder: Geocoder, words: str) -> str:
    """ "Рязань, Рязанская область" when the text itself says so and leaves no doubt."""
    answer = geocoder.geocode(words, explain=True)
    if not answer.accepted or all(part.role != "settlement" for part in answer.parts):
        return ""
    return geocoder.index.town_of(answer.settlement_id)


def to_json(context: Context | None) -> dict[str, Any] | None:
    """What is stored with a text, so that it is asked again in the same surroundings; of rows only."""
    return dict(context.why.params) if context is not None and context.why.msgid == BY_ROWS else None


def context_of(row: Context | Mapping[str, Any] | None) -> Context | None:
    """The context of a row: as it is, or as it was stored."""
    if row is None or isinstance(row, Context):
        return row
    return _by_rows(str(row["name"]), int(row["share"]))


def context_of_view(geocoder: Geocoder, view: View) -> Context | None:
    """The settlements with known streets that somebody looks at: those whose middle is in view, else those around the
    middle of the view. None where there are none, and for who looks at half a country."""
    south, west, north, east = view
    if north - south > WIDEST_VIEW:
        return None
    index = geocoder.index
    middle = ((south + north) / 2, (west + east) / 2)
    towns = [index.settlements[n] for n in index.loaded_settlements]
    seen = [town for town in towns if south <= town.lat <= north and west <= town.lon <= east] or [
        index.settlements[n] for n in index.loaded_settlements
        if InSettlements(index, frozenset((n,))).covers(*middle)
    ]  # fmt: skip
    if not seen:
        return None
    seen.sort(key=lambda town: (-town.population, town.name))
    names = ", ".join(town.name for town in seen)
    scope = Scope(name=names, settlement_ids=tuple(town.id for town in seen))
    return Context(scope, names, Message(BY_VIEW, {"name": names}))


def context_of_city(connection: Connection) -> Context | None:
    """The municipality, when the boundary of one is all there is."""
    found = connection.execute(
        text(
            "SELECT t.id, t.name FROM okruga.territory t WHERE t.kind = 'municipality'"
            " AND EXISTS (SELECT FROM okruga.boundary b WHERE b.territory_id = t.id) LIMIT 2"
        )
    ).all()
    scope = scope_of(connection, found[0].id) if len(found) == 1 else None
    return Context(scope, found[0].name, Message(BY_CITY, {"name": found[0].name})) if scope else None
