"""Which head counts of events, and which sums of them, stay hidden so that no small one can be computed back?

All published numbers of participants are sums of the head counts of single events: over a territory of any kind, a
hexagon, a theme, a channel, a year. So what has to be protected are the small head counts of events (1 to 4 people),
and what can give them away is any sum, or difference of sums, that holds them.

Each small head count gets a *shield*: a change of a few hidden head counts that could as well be the truth (one person
more here, one fewer at another event). Whatever published sum the change would alter is hidden; every other one stays
as it is, and so does anything a reader computes from them. The reader therefore always has two answers, whatever the
kinds of territory, tilings, hexagons, dates, themes and channels are. The event that shields has so many people that
both together are no small number: no difference of shown sums is one either. Of the possible shields the one is taken
that hides least; one taken before stays as long as it holds, because a change of shields would show what it hid.

Method: suppression with complementary cells in linked tables (Hundepool et al., Statistical Disclosure Control, 2012,
chapter 4); instead of searching for intervals, the second solution is built and kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from geo.vocabulary import DIGITAL_CHANNELS

# columns of figures: participants; those of events whose channels are known; each channel by its code; uses of all
# channels, of the digital ones and of the others
HEADS, KNOWN, USES = "participants", "participants_channels_known", "channel_uses"
DIGITAL, ANALOGUE = "digital_uses", "other_uses"
ALL_THEMES = "*"
# boundary versions are numbered below this, H3 indexes lie above
FIRST_HEXAGON = 2**31
CANDIDATES = 8
# what it costs to hide: numbers of all themes are asked for more than those of one, participants more than channels
COST_ALL_THEMES, COST_HEADS, COST_EVENT = 4.0, 3.0, 3.0


@dataclass(frozen=True)
class Gathering:
    """An event as it is counted: year, theme, the areas it counts in, and people by column (HEADS, channel codes).

    `known` says that its channels are known (with nobody in some of them, they are not among `people`).
    """

    id: int
    period: int
    theme: str
    areas: frozenset[int]
    people: Mapping[str, int]
    known: bool = False

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """The channels somebody used, the most used first."""
        used = [column for column in self.people if column != HEADS]
        return tuple(sorted(used, key=lambda column: (-self.people[column], column)))

    @cached_property
    def adds_up(self) -> bool:
        """Whether the channels add up to the participants, so that they tell each other."""
        return bool(self.channels) and self.people.get(HEADS) == sum(self.people[each] for each in self.channels)

    def figures(self, column: str) -> tuple[str, ...]:
        """The columns of figures in which a number of this event is counted."""
        if column == HEADS:
            return (HEADS, KNOWN) if self.known else (HEADS,)
        return (column, USES, DIGITAL if column in DIGITAL_CHANNELS else ANALOGUE)

    def figure(self, figure: str) -> int:
        """What this event adds to a column of figures."""
        return sum(people for column, people in self.people.items() if figure in self.figures(column))


class Cell(NamedTuple):
    """One person more (`step` 1) or fewer (-1) in a number of an event."""

    event: int
    column: str
    step: int


Shield = tuple[Cell, ...]
Events = Mapping[int, Gathering]


class Sum(NamedTuple):
    """A published number: people of a column in an area, year and theme (ALL_THEMES: all together)."""

    area: int
    period: int
    theme: str
    column: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is not shown: numbers of single events (event, column), and sums."""

    heads: frozenset[tuple[int, str]]
    sums: frozenset[Sum]


def secrets(events: Iterable[Gathering], limit: int) -> Iterator[tuple[int, str]]:
    """The numbers that are hidden for their own sake: 1 to `limit` - 1 people."""
    for event in sorted(events, key=lambda each: (each.period, each.id)):
        yield from ((event.id, column) for column in sorted(event.people) if small(event.people[column], limit))


def small(people: int, limit: int) -> bool:
    return 0 < people < limit


def hidden(events: Events, shields: Mapping[tuple[int, str], Shield], limit: int) -> Hidden:
    """Everything the shields hide; the sums they leave as they are can be shown.

    >>> events = {1: Gathering(1, 2024, "", frozenset({7, 8}), {HEADS: 3}),
    ...           2: Gathering(2, 2024, "", frozenset({7}), {HEADS: 40})}
    >>> found = hidden(events, {(1, HEADS): (Cell(1, HEADS, 1), Cell(2, HEADS, -1))}, 5)
    >>> sorted(found.heads), sorted({each.area for each in found.sums})
    ([(1, 'participants'), (2, 'participants')], [8])
    """
    own = set(secrets(events.values(), limit))
    beside = {(cell.event, cell.column) for shield in shields.values() for cell in shield}
    sums = {each for shield in shields.values() for each in altered(events, shield)}
    return Hidden(frozenset(own | beside), frozenset(sums))


def altered(events: Events, shield: Shield) -> set[Sum]:
    """The sums that would not be the same if the shield's change were the truth."""
    changes = [(event, moved(event, steps)) for event, steps in by_event(events, shield)]
    areas: dict[tuple[bool, ...], list[int]] = defaultdict(list)
    for area in set().union(*(event.areas for event, _ in changes)):
        areas[tuple(area in event.areas for event, _ in changes)].append(area)
    period = changes[0][0].period
    return {
        Sum(area, period, theme, figure)
        for here, inside in areas.items()
        for theme, figure in unbalanced([change for change, there in zip(changes, here, strict=True) if there])
        for area in inside
        if area < FIRST_HEXAGON or figure == HEADS  # people in hexagons are not told by channel
    }


def by_event(events: Events, shield: Shield) -> list[tuple[Gathering, dict[str, int]]]:
    """The events of a shield, each with the change of its numbers."""
    steps: dict[int, dict[str, int]] = {}
    for event, column, step in shield:
        steps.setdefault(event, {})[column] = step
    return [(events[event], change) for event, change in steps.items()]


def moved(event: Gathering, steps: Mapping[str, int]) -> Counter[str]:
    """What a change of an event's numbers adds to each column of figures."""
    change: Counter[str] = Counter()
    for column, step in steps.items():
        for figure in event.figures(column):
            change[figure] += step
    return change


def unbalanced(changes: Iterable[tuple[Gathering, Counter[str]]]) -> list[tuple[str, str]]:
    """Themes and columns in which the changes of these events do not make up for each other."""
    together: Counter[tuple[str, str]] = Counter()
    for event, change in changes:
        for figure, step in change.items():
            together[event.theme, figure] += step
            together[ALL_THEMES, figure] += step
    return [each for each, step in together.items() if step]


def holds(events: Events, secret: tuple[int, str], shield: Shield, limit: int) -> bool:
    """Whether a shield still protects: its change could be the truth, and no difference of sums is a small number.

    A reader is taken to know which hidden numbers are below the limit, that none is 0, and where the channels of an
    event add up to its participants.
    """
    if any(cell.event not in events for cell in shield) or secret not in {cell[:2] for cell in shield}:
        return False
    own = events[secret[0]]
    changes = by_event(events, shield)
    if any(event.period != own.period or not credible(event, steps, limit) for event, steps in changes):
        return False
    figures = [(event, moved(event, steps)) for event, steps in changes]
    # the sums over channels of an event of few people are covered by the shield of their number
    of_few = secret[1] != HEADS and small(own.people.get(HEADS, 0), limit)
    wanted = {secret[1]} if of_few else {*own.figures(secret[1])}
    wanted |= {figure for event, change in figures if event is own for figure, step in change.items() if step}
    return all(covered(own, figures, figure, limit) for figure in wanted if small(own.figure(figure), limit))


def covered(own: Gathering, changes: Sequence[tuple[Gathering, Counter[str]]], figure: str, limit: int) -> bool:
    """Whether a sum that the change leaves as it is holds more people than the event's few."""
    return all(
        change[figure] != 0 if event is own
        else not change[figure] or event.figure(figure) + own.figure(figure) >= limit
        for event, change in changes
    )  # fmt: skip


def credible(event: Gathering, steps: Mapping[str, int], limit: int) -> bool:
    """Whether an event could have so many people instead."""
    for column, step in steps.items():
        people = event.people.get(column, 0)
        least, most = (1, limit - 1) if people < limit else (limit, people + 1)
        if not (people and least <= people + step <= most):
            return False
    return not event.adds_up or steps.get(HEADS, 0) == sum(steps[each] for each in event.channels if each in steps)


def own_changes(event: Gathering, column: str, limit: int) -> Iterator[dict[str, int]]:
    """Changes of an event's own numbers with one person more in the column, those likeliest to hold first."""
    if column == HEADS:
        yield {HEADS: 1, event.channels[0]: 1} if event.channels else {HEADS: 1}
    elif small(event.people.get(HEADS, 0), limit):
        yield {HEADS: 1, column: 1}
        yield from ({column: 1, other: -1} for other in event.channels if other != column)
    elif event.adds_up:
        # two channels with few people between them would still be few together
        enough = limit - event.people[column]
        others = (other for other in event.channels if other != column and event.people[other] >= enough)
        yield from ({column: 1, other: -1} for other in others)
    else:
        yield {column: 1}


def answering_changes(event: Gathering, steps: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Changes of another event's numbers that take back as much as they can of the first one's."""
    mirrored = {column: -step for column, step in steps.items() if column in event.people}
    if mirrored:
        yield mirrored
    if event.adds_up:
        for column, step in steps.items():
            if column != HEADS:
                kept = {each: -other for each, other in steps.items() if each != column and each in event.people}
                free = next((each for each in event.channels if each not in steps), None)
                if free and kept:
                    yield {**kept, free: -step}


def unlike(event: Gathering, other: Gathering, column: str) -> tuple[bool, bool, int, int]:
    """How little another event is like it: without the column, of another theme, with fewer of its channels."""
    alike = sum(each in other.people for each in event.people)
    return column not in other.people, other.theme != event.theme, -alike, other.id


def alone(shield: Shield) -> bool:
    """Whether it changes one event only, so that every sum of what it changes there is hidden."""
    return len({cell.event for cell in shield}) == 1


class Choice:
    """Chooses shields for the small numbers of many events, one after the other, each the cheapest beside those before.

    `kept` are shields taken earlier; those that hold stay. `fresh` are events nobody has seen yet. A small number among
    them is shielded by another of them, for whoever kept the sums from before takes these off; where there is none, all
    its sums stay hidden until another event comes (it is `waiting`).
    """

    def __init__(
        self, events: Events, kept: Mapping[tuple[int, str], Shield], limit: int, fresh: Container[int] = ()
    ) -> None:
        self.events, self.limit, self.fresh = events, limit, fresh
        self._heads: set[tuple[int, str]] = set(secrets(events.values(), limit))
        self._sums: set[Sum] = set()
        self.shields: dict[tuple[int, str], Shield] = {}
        holding = {each: kept[each] for each in sorted(self._heads & kept.keys()) if self._holds(each, kept[each])}
        self.waiting = {secret: shield for secret, shield in holding.items() if alone(shield)}
        for secret in holding.keys() - self.waiting.keys():
            self._take(secret, holding[secret])

    @cached_property
    def inside(self) -> dict[tuple[int, int], list[int]]:
        """The events of each area and year."""
        found: dict[tuple[int, int], list[int]] = defaultdict(list)
        for event in self.events.values():
            for area in event.areas:
                found[area, event.period].append(event.id)
        return found

    def uncovered_years(self) -> set[int]:
        """Years with small numbers that no kept shield holds for: all their events are needed to choose from."""
        settled = self.shields.keys() | self.waiting.keys()
        return {self.events[event].period for event, _ in set(secrets(self.events.values(), self.limit)) - settled}

    def waiting_years(self) -> set[int]:
        """Years with small numbers that nothing but hiding all their sums protects."""
        return {self.events[event].period for event, _ in self.waiting}

    def _holds(self, secret: tuple[int, str], shield: Shield) -> bool:
        return holds(self.events, secret, shield, self.limit)

    def all(self) -> dict[tuple[int, str], Shield]:
        """A shield for every small number."""
        for secret in list(secrets(self.events.values(), self.limit)):
            if secret not in self.shields:
                self._take(secret, self.cheapest(secret))
        return self.shields

    def _take(self, secret: tuple[int, str], shield: Shield) -> None:
        self.shields[secret] = shield
        self._heads |= {cell[:2] for cell in shield}
        self._sums |= altered(self.events, shield)

    def cheapest(self, secret: tuple[int, str]) -> Shield:
        """The shield that hides least; when nothing is credible, one person more is all that can be said."""
        possible = [each for each in self.possible(secret) if self._holds(secret, each)]
        if secret in self.waiting:
            possible = [self.waiting[secret], *(each for each in possible if not alone(each))]
        if possible:
            return min(possible, key=lambda shield: (self.told_by_old_pages(secret, shield), self.cost(shield)))
        event = self.events[secret[0]]
        steps = next(own_changes(event, secret[1], self.limit), {secret[1]: 1})
        return tuple(Cell(event.id, column, step) for column, step in steps.items())

    def told_by_old_pages(self, secret: tuple[int, str], shield: Shield) -> bool:
        """Whether sums from before hold one of its events without the other, so that they tell it."""
        beside = {cell.event for cell in shield} - {secret[0]}
        return self.never_summed(secret) and any(event not in self.fresh for event in beside)

    def never_summed(self, secret: tuple[int, str]) -> bool:
        """Whether no sum that holds the number was ever shown."""
        return secret[0] in self.fresh or secret in self.waiting

    def possible(self, secret: tuple[int, str]) -> Iterator[Shield]:
        """Changes of the event alone, and with each of the events near it, upwards and downwards."""
        event = self.events[secret[0]]
        others = list(islice(self.candidates(event, secret[1]), 2 * CANDIDATES))
        for more in own_changes(event, secret[1], self.limit):
            for steps in (more, {column: -step for column, step in more.items()}):
                own = tuple(Cell(event.id, column, step) for column, step in steps.items())
                yield own
                for other in others:
                    for answer in answering_changes(other, steps):
                        yield own + tuple(Cell(other.id, column, step) for column, step in answer.items())

    def candidates(self, event: Gathering, column: str) -> Iterator[Gathering]:
        """Events of the year: of the smallest common areas first, there those of the same theme and channels; for an
        event nobody has seen, others like it before all."""
        areas = sorted((self.inside[area, event.period] for area in event.areas), key=len)
        if self.never_summed((event.id, column)):
            areas = [[other for other in members if other in self.fresh] for members in areas] + areas
        seen = {event.id}
        for members in areas:
            fresh = [self.events[other] for other in members if other not in seen]
            seen.update(members)
            fitting = [other for other in fresh if self._fits(event, other, column)]
            yield from sorted(fitting, key=lambda other: unlike(event, other, column))[:CANDIDATES]

    def _fits(self, event: Gathering, other: Gathering, column: str) -> bool:
        people = other.people.get(column, 0)
        return people + event.people[column] >= self.limit if people else column != HEADS and other.adds_up

    def cost(self, shield: Shield) -> float:
        """What it hides that is shown so far; sums of areas with many events count more."""
        sums = altered(self.events, shield) - self._sums
        heads = {cell[:2] for cell in shield} - self._heads
        return sum(map(self._worth, sums)) + sum(COST_EVENT if column == HEADS else 1.0 for _, column in heads)

    def _worth(self, hidden_sum: Sum) -> float:
        size = len(self.inside[hidden_sum.area, hidden_sum.period]) ** 0.5
        themes = COST_ALL_THEMES if hidden_sum.theme == ALL_THEMES else 1.0
        return float(size * themes * (COST_HEADS if hidden_sum.column == HEADS else 1.0))
