"""Which stored territory does a file mean by this code or name?

Files name territories as people do: "Балашовский район", "г. Балашов", "D1", "ТОС «Заречье»". A text is looked up
as a code, then as a name, then as a name without the words that only say the kind. More than one candidate is
never decided here: the caller shows them all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from rapidfuzz import process
from sqlalchemy import Connection, text

from geo.geocode.normalise import fold
from geo.ingest.codes import stated

# words that say what a territory is, not which one
_SAID = (
    "район р-н муниципальный муниципальное образование городской городское сельское сельский округ поселение сельсовет"
    " город г гор село с деревня д поселок п пос пгт рп хутор х станица ст область обл край республика респ зато мо го"
    " тос микрорайон мкр мкрн квартал внутригородской внутригородское гражданский общественный избирательный"
    " district neighborhood neighbourhood city town rayon raion oblast region municipality okrug"
    " району шаары облусу айылдык аймагы айыл"
)
KIND_WORDS = frozenset(_SAID.split())
WORDS = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
CLOSE_ENOUGH = 70


@dataclass(frozen=True, slots=True)
class Known:
    """A stored territory as far as names go; `source_key` is how the source with id `source_id` called it."""

    id: int
    code: str
    kind: str
    name: str
    parent_id: int | None
    names: tuple[str, ...] = ()
    source_id: int = 0
    source_key: str = ""


def exact_key(name: str) -> str:
    """A name with case, quotes, dashes and blanks made equal.

    >>> exact_key("ТОС  «Заречье»") == exact_key('тос "заречье"')
    True
    """
    return " ".join(WORDS.findall(fold(name)[0]))


def core_key(name: str) -> str:
    """What is left of a name without the words for its kind; the whole name when nothing is left.

    >>> core_key("Балашовский муниципальный район") == core_key("Балашовский р-н")
    True
    """
    words = WORDS.findall(fold(name)[0])
    return " ".join(word for word in words if word not in KIND_WORDS) or " ".join(words)


@dataclass
class Territories:
    """All stored territories, by code and by name. Grows while a file adds its own."""

    all: dict[int, Known] = field(default_factory=dict)
    by_code: dict[str, int] = field(default_factory=dict)
    _by_exact: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _by_core: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _by_source_key: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _parts: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def load(cls, connection: Connection) -> Territories:
        rows = connection.execute(
            text(
                "SELECT id, code, kind, name, parent_id, names, source_id, coalesce(source_key, '') AS source_key"
                " FROM okruga.territory ORDER BY id"
            )
        )
        loaded = cls()
        for row in rows:
            names = tuple(value for value in row.names.values() if isinstance(value, str))
            identity = (row.id, row.code, row.kind, row.name, row.parent_id)
            loaded.add(Known(*identity, names, row.source_id, row.source_key))
        return loaded

    def add(self, known: Known) -> None:
        """Take in one more territory."""
        self.all[known.id] = known
        self.by_code[known.code] = known.id
        for name in (known.name, *known.names):
            self._by_exact[exact_key(name)].add(known.id)
            self._by_core[core_key(name)].add(known.id)
        if known.source_key:
            self._by_source_key[known.source_key].add(known.id)
        if known.parent_id is not None:
            self._parts[known.parent_id].add(known.id)

    def find(
        self, wanted: str, *, kinds: Collection[str] = (), within: Collection[int] | None = None, source: int = 0
    ) -> tuple[int, ...]:
        """Ids the text may mean: one is an answer, several are candidates, none is unknown.

        `kinds` and `within` (ids) narrow the choice; `source` prefers what that source called so itself.
        """
        for candidates in self._candidates(wanted, source):
            fitting = [
                i for i in candidates
                if (not kinds or self.all[i].kind in kinds) and (within is None or i in within)
            ]  # fmt: skip
            if fitting:
                return tuple(sorted(fitting))
        return ()

    def named(self, key: str) -> set[int]:
        """Ids of the territories with this `exact_key`."""
        return self._by_exact.get(key, set())

    def cored(self, key: str) -> set[int]:
        """Ids of the territories with this `core_key`."""
        return self._by_core.get(key, set())

    def called(self, key: str) -> set[int]:
        """Ids of the territories some source calls so."""
        return self._by_source_key.get(key, set())

    def _candidates(self, wanted: str, source: int) -> Iterator[Iterable[int]]:
        code = stated(wanted)
        own = self.called(wanted.strip())
        yield [i for i in own if self.all[i].source_id == source]
        yield [self.by_code[code]] if code in self.by_code else []
        yield self.named(exact_key(wanted))
        yield self.cored(core_key(wanted))
        yield own

    def inside(self, top: int) -> set[int]:
        """The territory and everything below it in the tree."""
        found, waiting = {top}, [top]
        while waiting:
            below = self._parts.get(waiting.pop(), set()) - found
            found |= below
            waiting.extend(below)
        return found

    def ancestors(self, of: int) -> Iterator[int]:
        """The parents upwards, nearest first."""
        seen = {of}
        parent = self.all[of].parent_id
        while parent is not None and parent not in seen and parent in self.all:
            yield parent
            seen.add(parent)
            parent = self.all[parent].parent_id

    def title(self, of: int) -> str:
        """A territory as a list of candidates shows it: name, parent, code."""
        known = self.all[of]
        parent = self.all.get(known.parent_id or 0)
        return f"{known.name}{f', {parent.name}' if parent else ''} ({known.code})"

    def close(self, wanted: str, limit: int = 3) -> list[str]:
        """Names that look like the text, for "did you mean"."""
        choices = {i: known.name for i, known in self.all.items()}
        return [self.title(i) for _, _, i in process.extract(wanted, choices, limit=limit, score_cutoff=CLOSE_ENOUGH)]
