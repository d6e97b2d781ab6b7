"""`okruga rebuild`: everything derived, computed again from the registers."""

from __future__ import annotations

import click

from api.cli.base import Command, open_database, progress_bars
from api.cli.speech import say
from geo.errors import N_


@click.command(cls=Command, help=N_("Compute what is derived again: indicators, placement, tiles, or all of it."))
@click.argument("what", type=click.Choice(["indicators", "placement", "tiles"]), required=False)
def rebuild(what: str | None) -> None:
    from geo.analysis import tally
    from geo.store.replace import replace_places
    from geo.store.share import share_cells
    from geo.store.tiles import layers

    with open_database() as database, progress_bars() as progress, database.writing("cli") as connection:
        if what in (None, "placement"):
            with progress.step(N_("Placing")) as step:
                step.advance(replace_places(connection))
            share_cells(connection, progress=progress)
        if what == "tiles":
            version = tally.raise_version(connection, frozenset(layers(connection)))
        else:
            version = tally.rebuild(connection, progress)
    click.echo(say(N_("Done. The data version is {version}."), version=version))
