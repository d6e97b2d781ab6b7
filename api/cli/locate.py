"""`okruga locate LAT LON`: every territory a point lies in."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from api.cli.base import JSON_OR_TEXT, Command, day, open_database, print_json
from api.cli.speech import language, say
from geo.errors import N_

if TYPE_CHECKING:
    from geo.geocode.nearest import Nearest
    from geo.store.engine import Connection, Database

# minus signs begin longitudes as well as options
NUMBERS = {"ignore_unknown_options": True}


@click.command(
    cls=Command, context_settings=NUMBERS, help=N_("Say which territories a point lies in, and how certainly.")
)
@click.argument("lat", type=float)
@click.argument("lon", type=float)
@click.option("--on", callback=day, metavar="DATE", help=N_("Boundaries valid on this day; today when left out."))
@JSON_OR_TEXT
def locate(lat: float, lon: float, on: date | None, output: str) -> None:
    from geo.analysis.areas import local_name
    from geo.store.locate import locate as find

    with open_database() as database, database.reading() as connection:
        found = find(connection, lat, lon, on)
        address = nearest(database, connection, lat, lon)
    if output == "json":
        print_json([
            {"kind": one.kind.value, "certainty": one.certainty.value, "code": one.code, "name": one.name,
             "counted": one.counted, "distance_m": one.distance_m}
            for one in found
        ] + ([] if address is None else [
            {"kind": "address", "certainty": "nearest", "code": None, "name": address.label, "counted": False,
             "distance_m": address.distance_m}
        ]))  # fmt: skip
        return
    lang = language()
    for one in found:
        name = f"  {local_name(one.name, one.names or {}, lang)} ({one.code})" if one.code and one.name else ""
        click.echo(f"{title_of(one.kind):<28} {title_of(one.certainty)}{name}")
    if address is not None:
        click.echo(say(N_("Nearest address: {label}, {distance} m"), label=address.label,
                       distance=round(address.distance_m)))  # fmt: skip


def nearest(database: Database, connection: Connection, lat: float, lon: float) -> Nearest | None:
    """The nearest address in all lists of this installation."""
    from api.geocoder import all_lists, folders
    from geo.geocode.nearest import AddressesByPlace
    from geo.store.overview import overview

    with database.computing() as own:
        return AddressesByPlace(all_lists(own, folders(overview(connection)))).nearest(lat, lon)


def title_of(word: object) -> str:
    from geo.vocabulary import Word
    from maps.text import title

    return title(word, language()) if isinstance(word, Word) else say(str(word))
