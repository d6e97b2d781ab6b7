"""Help is quick, complete and in the reader's language; mistakes on the command line get one sentence."""

from __future__ import annotations

import importlib

import click
import pytest

from api.cli import COMMANDS, cli
from tests.api.cli.conftest import Okruga, python

HEAVY = ("folium", "geopandas", "pandas", "numpy", "sqlalchemy", "fastapi", "shapely", "pyarrow")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from api.cli import run; status = run(['--help']);"
        f" print(status, [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "0 []"


@pytest.mark.parametrize(("lang", "word"), [("ru", "Команды"), ("en", "Commands")])
def test_help_speaks_the_language_of_the_settings(lang: str, word: str) -> None:
    done = python("-m", "api.cli", "--help", OKRUGA_LANG=lang)
    assert f"{word}:" in done.stdout
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_where_the_list_says_and_explains_itself(name: str, okruga: Okruga) -> None:
    module, _, attribute = COMMANDS[name][0].partition(":")
    assert isinstance(getattr(importlib.import_module(module), attribute), click.Command)
    said = okruga(name, "--help")
    assert said.status == 0
    assert "--help" in said.out


def every_command() -> list[tuple[str, ...]]:
    """All command lines, groups opened."""
    found: list[tuple[str, ...]] = []
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        if isinstance(command, click.Group):
            found += [(name, part) for part in command.list_commands(click.Context(command))]
        else:
            found.append((name,))
    return found


@pytest.mark.parametrize("line", every_command(), ids=" ".join)
def test_every_option_is_explained(line: tuple[str, ...]) -> None:
    command: click.Command | None = cli
    for name in line:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), name)
    assert command is not None
    assert all(param.help for param in command.params if isinstance(param, click.Option))
    assert command.help


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("nonsense",), "There is no command nonsense."),
        (("load", "needs"), "FILE is missing."),
        (("load", "needs", "x.csv", "--colour"), "There is no option --colour."),
        (("load", "needs", "x.csv", "--map", "title"), "title is not FIELD=COLUMN"),
        (("load", "boundaries", "x.csv", "--kind", "civic_district", "--valid-from", "soon"), "soon is not a date"),
        (("load", "boundaries", "x.csv", "--kind", "kingdom"), "There is no territory kind kingdom."),
    ],
)
def test_mistakes_get_one_sentence_and_status_2(okruga: Okruga, line: tuple[str, ...], said: str) -> None:
    ran = okruga(*line)
    assert ran.status == 2
    assert said in ran.err
    assert ran.out == ""
    assert "Traceback" not in ran.err


def test_a_misspelt_setting_is_named(okruga: Okruga, monkeypatch: pytest.MonkeyPatch) -> None:
    from geo.settings import settings

    monkeypatch.setenv("OKRUGA_PROT", "8000")
    settings.cache_clear()
    ran = okruga("imports", "list")
    assert ran.status == 2
    assert "OKRUGA_PROT" in ran.err
    assert "OKRUGA_PORT" in ran.err
