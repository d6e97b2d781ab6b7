"""`okruga demo load|remove`: something to look at before there are data of one's own."""

from __future__ import annotations

import click

from api.cli.base import Command, Group, open_database, progress_bars
from api.cli.speech import say
from geo.errors import N_


@click.group(cls=Group, name="demo", help=N_("Invented data to look at, and the figures of the founding programmes."))
def demo() -> None:
    """Demonstration data."""


@demo.command(cls=Command, help=N_("Load demonstration data: city, town or programmes."))
@click.argument("place", metavar="city|town|programmes")
def load(place: str) -> None:
    from geo.demo.load import load_demo

    with open_database() as database, progress_bars() as progress:
        runs = load_demo(database, place, progress)
    click.echo(say(N_("Loaded {place}. Files written: {count}."), place=place, count=len(runs)))


@demo.command(cls=Command, help=N_("Remove all demonstration data; what you loaded yourself stays."))
def remove() -> None:
    from geo.demo.load import remove_demo

    with open_database() as database, progress_bars() as progress:
        count = remove_demo(database, progress)
    if count:
        click.echo(say(N_("The demonstration data are removed. Loads taken back: {count}."), count=count))
    else:
        click.echo(say(N_("There are no demonstration data.")))
