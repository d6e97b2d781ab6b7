"""`okruga backup FILE`, `okruga restore FILE`: a copy that is known to restore, and the way back."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.base import Command, open_database, progress_bars
from api.cli.speech import say
from geo.errors import N_

FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command(cls=Command, help=N_("Write a backup and prove that it restores to the same rows."))
@FILE
def backup(file: Path) -> None:
    from geo.settings import settings
    from geo.store import backup as stored

    with open_database() as database, progress_bars() as progress:
        counted = stored.backup(stored.Server.of(database.owner_url, settings()), file, progress)
    rows = sum(count for count, _ in counted.values())
    size = round(file.stat().st_size / 1e6, 1)
    click.echo(
        say(N_("{file}: {rows} rows, {size} MB; restored once and found equal."), file=file, rows=rows, size=size)
    )


@click.command(cls=Command, help=N_("Put a backup in place of the database; the one there was is kept beside it."))
@FILE
@click.option("--yes", is_flag=True, help=N_("Do not ask."))
def restore(file: Path, yes: bool) -> None:
    from geo.settings import settings
    from geo.store import backup as stored

    with open_database(migrate=False) as database, progress_bars() as progress:
        server = stored.Server.of(database.owner_url, settings())
        if not yes:
            click.confirm(say(N_("Replace the database {name}?"), name=server.database), abort=True, err=True)
        counted = stored.restore(server, file, progress)
    rows = sum(count for count, _ in counted.values())
    click.echo(
        say(
            N_("Restored: {rows} rows. The earlier database is kept as {name}."),
            rows=rows,
            name=f"{server.database}_before_restore",
        )
    )
