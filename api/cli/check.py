"""`okruga check`: the first answer to "it does not work".

Prints each check with OK, WARN or FAIL and a remedy, then every setting with its value and where it came from.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from api.cli.base import JSON_OR_TEXT, Command
from api.cli.stopping import closing_when_told
from geo.errors import N_

if TYPE_CHECKING:
    from geo.store.check import Installation, Outcome

SECRETS = ("secret", "password", "token")
PASSWORD_IN_URL = re.compile(r"(://[^/@:]*:)[^@]*@")


@click.command(cls=Command, help=N_("Say what is wrong with this installation, and what to do about it."))
@JSON_OR_TEXT
def check(output: str) -> None:
    """Looks at programs, disk, database, tables, rights, page files and settings; exit status 1 when something failed.

    Starts the embedded database when it is not running, and changes nothing.
    """
    from geo.settings import origins, settings

    current = settings()
    shown = {name: (hidden(name, str(value)), origin) for name, (value, origin) in origins(os.environ).items()}
    outcomes = []
    with closing_when_told():
        for outcome in _outcomes():
            outcomes.append(outcome)
            if output == "text":
                print_outcome(outcome, current.lang)
    if output == "json":
        click.echo(as_json(outcomes, shown, current.lang))
    else:
        print_settings(shown, current.lang)
    if any(outcome.state == "fail" for outcome in outcomes):
        raise SystemExit(1)


def _outcomes() -> Iterator[Outcome]:
    from geo.settings import settings
    from geo.store.check import CHECKS, Check, examine

    files = Check(page_files, N_("Install the program again: files of its pages are missing."))
    return examine(settings(), [*CHECKS, files])


def page_files(_installation: Installation) -> None:
    """The files of the pages are complete"""
    from maps import assets

    for name in assets.names():
        assets.asset(name)  # raises NotFound for the file, or the file it refers to, that is not there


def print_outcome(outcome: Outcome, lang: str) -> None:
    """One line for a check, and one for its remedy."""
    from maps.text import translate

    colour = {"ok": "green", "warn": "yellow", "fail": "red"}[outcome.state]
    state = click.style(f"{outcome.state.upper():<4}", fg=colour, bold=True)
    detail = f": {translate(outcome.detail, lang)}" if outcome.detail else ""
    click.echo(f"{state}  {translate(outcome.title, lang)}{detail}")
    if outcome.remedy:
        click.echo(f"      → {translate(outcome.remedy, lang)}")


def print_settings(shown: dict[str, tuple[str, str]], lang: str) -> None:
    """All settings, those that were set first."""
    from maps.text import translate

    words = {"environment": N_("environment"), ".env": ".env", "default": N_("default")}
    click.echo()
    for name, (value, origin) in sorted(shown.items(), key=lambda item: item[1][1] == "default"):
        click.echo(f"OKRUGA_{name.upper()}={value}  ({translate(words[origin], lang)})")


def as_json(outcomes: list[Outcome], shown: dict[str, tuple[str, str]], lang: str) -> str:
    """The report for programs: checks with state, title, detail and remedy; settings with value and origin."""
    from maps.text import translate

    checks = [
        {
            "name": outcome.name,
            "state": outcome.state,
            "title": translate(outcome.title, lang),
            "detail": translate(outcome.detail, lang) if outcome.detail else None,
            "remedy": translate(outcome.remedy, lang) if outcome.remedy else None,
        }
        for outcome in outcomes
    ]
    values = {name: {"value": value, "origin": origin} for name, (value, origin) in shown.items()}
    return json.dumps({"checks": checks, "settings": values}, ensure_ascii=False, indent=2)


def hidden(name: str, value: str) -> str:
    """A setting as it may be shown: passwords are blotted out."""
    if value and any(word in name for word in SECRETS):
        return "***"
    return PASSWORD_IN_URL.sub(r"\1***@", value)
