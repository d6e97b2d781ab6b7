"""What can go wrong, in the words of the person who has to mend it.

The tree (HTTP statuses are given in api/errors.py, exit codes in api/cli; nothing here knows either):

    OkrugaError
    ├── BadInput            a file, row, field or parameter that cannot be used as it is
    │   └── BadFile         the whole file is unreadable or of the wrong kind
    ├── NotFound            a code, page or entry that does not exist (any more)
    ├── Conflict            the change contradicts what is stored
    ├── NotAllowed          the account may not do this
    ├── TooLarge            a cap was reached; the message names the setting
    └── Unavailable         the database, the disk or a component is missing right now
        └── MissingComponent    something has to be installed first

Every error carries two messages: what happened, and what to do next (the remedy). Both are msgids with
named parameters, translated at the edge (maps.text) and readable as English without a catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Message:
    """A translatable sentence: an English msgid with `{named}` parameters, and the values of those."""

    msgid: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return fill(self.msgid, self.params)


def fill(template: str, params: Mapping[str, object]) -> str:
    """Put the parameters into a template; text from people may hold braces, so only known names are replaced."""
    for name, value in params.items():
        template = template.replace("{" + name + "}", str(value).replace("{", "\x01").replace("}", "\x02"))
    return template.replace("\x01", "{").replace("\x02", "}")


def N_(msgid: str) -> str:  # noqa: N802 - the gettext world's name for "extract, translate later"
    """Mark a msgid for extraction; the translation happens where it is shown."""
    return msgid


def signed(value: float) -> float | Message:
    """A difference as a parameter of a message: shown with its sign, zero without one."""
    return Message(N_("+{number}"), {"number": value}) if value > 0 else value


class OkrugaError(Exception):
    """Base of all errors that are the user's to mend: shown as one sentence, never as a traceback.

    `message` and `remedy` are msgids; keyword arguments fill their `{named}` places.
    """

    code = "error"

    def __init__(self, message: str, *, remedy: str = "", **params: object) -> None:
        self.message = Message(message, params)
        self.remedy = Message(remedy, params)
        super().__init__(str(self.message))

    def __str__(self) -> str:
        remedy = str(self.remedy)
        return f"{self.message} {remedy}" if remedy else str(self.message)


class BadInput(OkrugaError):
    code = "bad_input"


class BadFile(BadInput):
    code = "bad_file"


class NotFound(OkrugaError):
    code = "not_found"


class Conflict(OkrugaError):
    code = "conflict"


class NotAllowed(OkrugaError):
    code = "not_allowed"


class TooLarge(OkrugaError):
    code = "too_large"


class Unavailable(OkrugaError):
    code = "unavailable"


class MissingComponent(Unavailable):
    code = "missing_component"
