"""Who may do what? One function answers for every write, whether it comes from a page, the API or a command.

Roles: an administrator may do everything; a steward loads files and takes back what he loaded himself; an editor
changes single entries. Reading what is published needs no account and never asks here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol, TypeVar

from geo.errors import N_, NotAllowed


class Person(Protocol):
    """An account, as far as permissions are concerned."""

    @property
    def id(self) -> int: ...
    @property
    def login(self) -> str: ...
    @property
    def role(self) -> str: ...


P = TypeVar("P", bound=Person)


class Action(StrEnum):
    """What somebody wants to do; the comment says what the subject is."""

    ENTER = "enter"  # the steward's pages; no subject
    LOAD = "load"  # a file; no subject
    UPLOAD = "upload"  # a file that waits to be loaded; the login of the account that sent it
    UNDO = "undo"  # an import run; the login of the account that made it
    EDIT = "edit"  # an entry; no subject
    FREEZE = "freeze"  # a snapshot of a finished period; no subject
    PEOPLE = "people"  # accounts and their links; no subject
    PASSWORD = "password"  # noqa: S105 - the name of an action; the login whose password it is


ROLES: dict[str, frozenset[Action]] = {
    "admin": frozenset(Action) - {Action.PASSWORD},
    "steward": frozenset({Action.ENTER, Action.LOAD, Action.EDIT, Action.FREEZE}),
    "editor": frozenset({Action.ENTER, Action.EDIT}),
}
# what everybody with the account may do to what is their own
OWN = {"steward": frozenset({Action.UPLOAD, Action.UNDO, Action.PASSWORD})}
OWN_DEFAULT = frozenset({Action.PASSWORD})


def can(person: Person | None, action: Action, subject: str = "") -> bool:
    """Whether the person may do this; nobody may write anything without an account."""
    if person is None:
        return False
    if action in ROLES.get(person.role, frozenset()):
        return True
    return subject == person.login and action in OWN.get(person.role, OWN_DEFAULT)


def require(person: P | None, action: Action, subject: str = "") -> P:
    """The person, who may do this. Raises NotAllowed otherwise."""
    if person is None:
        raise NotAllowed(
            N_("This needs an account."),
            remedy=N_("Sign in; `okruga users admin` prints a link for the administrator."),
        )
    if not can(person, action, subject):
        raise NotAllowed(
            N_("The account {login} may not do this."), remedy=N_("Ask an administrator."), login=person.login
        )
    return person
