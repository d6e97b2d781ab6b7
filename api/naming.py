"""What is it called in the visitor's language, and where is its page?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from geo.analysis.areas import local_name
from geo.errors import Message
from geo.registers import BY_NAME
from geo.vocabulary import TerritoryKind, Word
from maps.text import localise, title, translate

W = TypeVar("W", bound=Word)
STATUSES: dict[str, type[Word]] = {
    name: register.statuses for name, register in BY_NAME.items() if register.statuses is not None
}
TOS_PAGE = TerritoryKind.TOS_TERRITORY


def territory_href(kind: str, code: str, lang: str) -> str:
    """The page of a territory; a TOS has its own."""
    return localise(f"/tos/{code}" if kind == TOS_PAGE else f"/districts/{code}", lang)


def entry_href(register: str, entry_id: int, lang: str) -> str:
    """The page of an entry."""
    return localise(f"/{BY_NAME[register].plural}/{entry_id}", lang)


def name(row: Mapping[str, Any], lang: str) -> str:
    """The name of a territory row."""
    return local_name(row["name"], row["names"] or {}, lang)


def entry_title(row: Mapping[str, Any], lang: str) -> str:
    """The title of an entry row."""
    return local_name(row["title"], row["titles"] or {}, lang)


def word(words: type[W], code: str | None) -> W | None:
    """The word of a stored code."""
    return words(code) if code else None


def said_word(words: type[Word], code: str | None, lang: str) -> str:
    """The title of a stored code; empty for none."""
    return title(words(code), lang) if code else ""


def status_of(register: str, code: str | None) -> Word | None:
    """The status of an entry as a word."""
    return STATUSES[register](code) if code and register in STATUSES else None


def register_title(register: str, lang: str) -> str:
    """What one entry of a register is called."""
    return translate(Message(BY_NAME[register].title), lang)
