"""How is a sentence kept so that it can be said in any language later? As JSON, and back into what it was.

Messages and words of the glossary keep their identity; everything else becomes the text or number it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from geo.errors import Message
from geo.vocabulary import Word

WORDS = {kind.context(): kind for kind in Word.__subclasses__()}


def kept(value: object) -> Any:
    """A message, word or plain value as JSON."""
    if isinstance(value, Message):
        return {"m": value.msgid, "p": {name: kept(each) for name, each in value.params.items()}}
    if isinstance(value, Word):
        return {"w": [value.context(), value.value]}
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def told(value: Any) -> Any:
    """What `kept` made, as it was; a word that is no longer in the glossary is its code."""
    if isinstance(value, Mapping) and "m" in value:
        return Message(str(value["m"]), {name: told(each) for name, each in value["p"].items()})
    if isinstance(value, Mapping) and "w" in value:
        context, code = value["w"]
        kind = WORDS.get(context)
        return kind(code) if kind is not None and code in kind.codes() else code
    return value
