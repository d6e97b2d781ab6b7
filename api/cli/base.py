"""What do all commands share? Their help, their errors, and how they reach the database and print.

Only click is imported at the top: everything else waits until a command runs.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from api.cli.speech import say, talk
from api.cli.stopping import closing_when_told
from geo.errors import N_, Message, OkrugaError

if TYPE_CHECKING:
    from geo.progress import Progress
    from geo.store.engine import Database

FAILED = 2

USAGE, OPTIONS, ARGUMENTS, COMMANDS = N_("Usage:"), N_("Options"), N_("Arguments"), N_("Commands")
HELP, VERSION = N_("Show this help."), N_("Show the version.")


# --- help -------------------------------------------------------------------------------------------------------------


class Formatter(click.HelpFormatter):
    """Help with headings in the language of the settings."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, f"{say(prefix or USAGE)} ")

    def write_heading(self, heading: str) -> None:
        super().write_heading(say(heading))


class Context(click.Context):
    """A context whose help speaks the language of the settings."""

    formatter_class = Formatter


class Command(click.Command):
    """A command whose help is translated when it is shown."""

    context_class = Context

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = HELP
        return option

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = []
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None and isinstance(param, click.Option):
                shown, text = record
                rows.append((shown, translated_help(param, text)))
        if rows:
            with formatter.section(OPTIONS):
                formatter.write_dl(rows)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        if self.help:
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(say(one_paragraph(self.help)))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        if self.epilog:
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(say(self.epilog))

    def get_short_help_str(self, limit: int = 100) -> str:  # noqa: ARG002
        return say(self.short_help or (one_paragraph(self.help).split(". ")[0] if self.help else ""))


def translated_help(param: click.Parameter, text: str) -> str:
    """The option's help in the language, with whatever click added to it (defaults, ranges) kept."""
    own = getattr(param, "help", None) or ""
    return text.replace(own, say(own), 1) if own else text


def one_paragraph(text: str) -> str:
    """A docstring's text on one line per paragraph, as it stands in the catalogue."""
    return re.sub(r"\s+", " ", text).strip()


class Group(Command, click.Group):
    """Commands that are imported when they are run. `commands_at`: name -> ("module:attribute", description)."""

    def __init__(self, *args: Any, commands_at: Mapping[str, tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commands_at = dict(commands_at or {})
        self.command_class = Command
        self.group_class = Group

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.commands_at, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands_at:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self.commands_at[cmd_name][0].partition(":")
        found = getattr(importlib.import_module(module), attribute)
        return found if isinstance(found, click.Command) else None

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        Command.format_options(self, ctx, formatter)
        rows = []
        for name in self.list_commands(ctx):
            if name in self.commands_at:
                rows.append((name, say(self.commands_at[name][1])))
            elif (command := self.get_command(ctx, name)) is not None and not command.hidden:
                rows.append((name, command.get_short_help_str()))
        with formatter.section(COMMANDS):
            formatter.write_dl(rows)


# --- errors -----------------------------------------------------------------------------------------------------------


def complain(error: Exception) -> int:
    """Print one sentence and what to do about it; the exit status."""
    if isinstance(error, click.Abort):
        talk(N_("Stopped."))
        return FAILED
    for line in lines_of(error):
        click.echo(line, err=True)
    return FAILED


def lines_of(error: Exception) -> Iterator[str]:
    if isinstance(error, OkrugaError):
        yield click.style(say(error.message), fg="red")
        if error.remedy.msgid:
            yield say(error.remedy)
        return
    yield click.style(say(usage_message(error)), fg="red")
    if isinstance(error, click.UsageError) and error.ctx is not None:
        yield say(N_("See `{command} --help`."), command=error.ctx.command_path)


def usage_message(error: Exception) -> Message:
    """What is wrong with a command line, as a sentence of ours."""
    if isinstance(error, click.NoSuchOption):
        return Message(N_("There is no option {name}."), {"name": error.option_name})
    if isinstance(error, click.MissingParameter):
        return Message(N_("{name} is missing."), {"name": name_of(error.param)})
    if isinstance(error, click.BadParameter):
        problem = error.message.removesuffix(".")
        return Message(
            N_("The value of {name} does not fit: {problem}."), {"name": name_of(error.param), "problem": problem}
        )
    if isinstance(error, click.UsageError) and (found := re.fullmatch(r"No such command '(.*)'\.", error.message)):
        return Message(N_("There is no command {name}."), {"name": found[1]})
    return Message(error.format_message() if isinstance(error, click.ClickException) else str(error))


def name_of(param: click.Parameter | None) -> str:
    """An option or argument as the person wrote it."""
    if isinstance(param, click.Option):
        return param.opts[-1]
    return param.human_readable_name if param is not None else "?"


# --- what commands share ----------------------------------------------------------------------------------------------

JSON_OR_TEXT = click.option(
    "--format", "output", type=click.Choice(["text", "json"]), default="text", help=N_("How the result is printed.")
)


@contextmanager
def open_database(*, migrate: bool = True) -> Iterator[Database]:
    """The database of the settings, at the newest shape."""
    from geo.settings import settings
    from geo.store.engine import Database
    from geo.store.migrate import upgrade

    with closing_when_told():
        database = Database.open(settings())
        try:
            if migrate:
                upgrade(database.owner_url)
            yield database
        finally:
            database.close()


def installed_geocoder(database: Database) -> None:
    """Let addresses be looked for in all lists of this installation, as the service does."""
    from api.geocoder import Installed
    from geo.geocode.current import share

    share(database, Installed(database))


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Progress on standard error; nothing when that is not a terminal."""
    from geo.progress import SILENT

    if not sys.stderr.isatty():
        yield SILENT
        return
    from api.cli.progress import Bars

    with Bars() as bars:
        yield bars


def settle(database: Database, progress: Progress) -> None:
    """Bring the counts up to date after a write."""
    from geo.analysis import tally

    tally.settle(database, progress)


def print_json(value: object) -> None:
    """A result for programs."""
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode())


def day(ctx: click.Context, param: click.Parameter, value: str | None) -> Any:
    """Click callback: an ISO or Russian date, or None."""
    from datetime import datetime

    if not value:
        return None
    for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(value.strip(), pattern).date()  # noqa: DTZ007 - a calendar day
        except ValueError:
            continue
    raise click.BadParameter(say(N_("{value} is not a date; write 2024-07-01 or 01.07.2024"), value=value), ctx, param)


def words(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
    """Click callback: a list of words between commas."""
    _ = ctx, param
    return tuple(word.strip() for word in value.split(",") if word.strip())


def pairs(what: str) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], dict[str, str]]:
    """Click callback: FIELD=… options as a dictionary; `what` is what stands after the sign."""

    def parse(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
        found = {}
        for value in values:
            field, sign, given = value.partition("=")
            if not sign or not field.strip():
                raise click.BadParameter(say(N_("{value} is not FIELD={what}"), value=value, what=what), ctx, param)
            found[field.strip()] = given.strip()
        return found

    return parse
