"""`okruga snapshots …`: freeze the figures of a finished year; what was frozen never changes."""

from __future__ import annotations

import click

from api.cli.base import Command, Group, open_database, print_json
from api.cli.speech import talk
from geo.errors import N_


@click.group(cls=Group, name="snapshots", help=N_("Figures of finished years, frozen under a permanent address."))
def snapshots() -> None:
    """Snapshots."""


@snapshots.command(cls=Command, help=N_("Freeze all measures of a finished year."))
@click.argument("period", metavar="YEAR")
@click.option("--kind", default="", metavar="KIND", help=N_("Kind of the territories compared."))
@click.option("--code", default="", metavar="CODE", help=N_("Code of its address; kind and year when left out."))
def take(period: str, kind: str, code: str) -> None:
    from geo.analysis.snapshots import take as freeze

    with open_database() as database, database.reading() as reader, database.writing("cli") as writer:
        frozen = freeze(reader, writer, period=period, kind=kind, actor="cli", code=code)
    talk(N_("Frozen as /snapshots/{code}."), code=frozen.code)


@snapshots.command("list", cls=Command, help=N_("List what was frozen, newest first."))
def list_() -> None:
    from geo.analysis.snapshots import snapshots as known

    with open_database() as database, database.reading() as connection:
        for each in known(connection):
            click.echo(f"{each.code:<40} {each.period} {each.kind:<20} {each.taken_at:%Y-%m-%d}")


@snapshots.command(cls=Command, help=N_("Say which frozen figures the data of today give differently."))
@click.argument("code")
def differences(code: str) -> None:
    from geo.analysis.snapshots import differences as changed
    from geo.analysis.snapshots import get

    with open_database() as database, database.reading() as connection:
        rows = changed(connection, get(connection, code))
    print_json([{name: getattr(row, name) for name in row.__slots__} for row in rows])
