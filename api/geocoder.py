"""Which addresses are known here, and how are they asked? The offline geocoder over all lists of this installation.

Known are the gazetteers in the database, the stored territories, the settlements shipped with the program, the lists
in the folder `gazetteer` of the data folder, and those of the demonstration data while they are loaded. Reading a city
takes a second or two, so it is done when the service starts and again when something of this changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import shapely

from api.deps import Visit
from api.frame import look
from geo.demo.load import FOLDERS
from geo.geocode.answer import Answer
from geo.geocode.completions import Completion, Completions
from geo.geocode.context import View, context_of_city, context_of_view
from geo.geocode.coordinates import read_coordinates
from geo.geocode.engine import Geocoder
from geo.geocode.gazetteer import Gazetteer, merged, read_folder
from geo.geocode.nearest import AddressesByPlace
from geo.geocode.scope import Context, Scope
from geo.geocode.store import read_current, stamp
from geo.settings import settings
from geo.store.engine import Connection, Database
from geo.store.overview import Overview, overview
from geo.store.territories import get_territory

OWN = "gazetteer"
# a point this far beyond the bounds, in widths of the bounds, still belongs to what is loaded
OUTSKIRTS = 0.25


class Addresses:
    """The geocoder of the process, made anew when other lists belong to it. Threads may share it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._made_of: tuple[str, tuple[Path, ...]] | None = None
        self._geocoder: Geocoder | None = None
        self._by_place: AddressesByPlace | None = None
        self._completions: tuple[Geocoder, Completions] | None = None
        self._city: Context | None = None

    def completions(self, geocoder: Geocoder) -> Completions:
        """The beginnings of all names a geocoder knows; kept for the last one."""
        known = self._completions
        if known is None or known[0] is not geocoder:
            known = self._completions = geocoder, Completions(geocoder.index)
        return known[1]

    def geocoder(self, folders: tuple[Path, ...]) -> Geocoder:
        """The geocoder over the database and these folders; whoever comes while they are being read waits for it."""
        return self._read(folders)[0]

    def by_place(self, folders: tuple[Path, ...]) -> AddressesByPlace:
        """The same addresses, for the nearest one to a point."""
        return self._read(folders)[1]

    def context(self, folders: tuple[Path, ...], near: View | None) -> Context | None:
        """Where a text without a settlement is looked for: where the visitor looks, else in the only municipality."""
        geocoder = self.geocoder(folders)
        return (context_of_view(geocoder, near) if near else None) or self._city

    def _read(self, folders: tuple[Path, ...]) -> tuple[Geocoder, AddressesByPlace]:
        with self._database.computing() as connection:
            made_of = (stamp(connection), folders)
            with self._lock:
                if self._geocoder is None or self._by_place is None or self._made_of != made_of:
                    known = all_lists(connection, folders)
                    self._geocoder, self._by_place = Geocoder(known), AddressesByPlace(known)
                    self._city = context_of_city(connection)
                    self._made_of = made_of
                return self._geocoder, self._by_place


def all_lists(connection: Connection, folders: tuple[Path, ...]) -> Gazetteer:
    """Every list of addresses this installation has."""
    return merged([*(read_folder(folder)[0] for folder in folders), read_current(connection)])


@dataclass(frozen=True)
class Today:
    """The geocoder visitors are answered with, for whatever asks many texts: geo.geocode.queue."""

    addresses: Addresses
    folders: tuple[Path, ...]

    def get(self, *, wait: bool = False) -> Geocoder:  # noqa: ARG002 - it is always the newest
        """The geocoder of this process."""
        return self.addresses.geocoder(self.folders)


class Installed:
    """The same without a visitor: for loads, jobs and commands (geo.geocode.current.share)."""

    def __init__(self, database: Database, addresses: Addresses | None = None) -> None:
        self._database = database
        self._addresses = addresses or Addresses(database)

    def get(self, *, wait: bool = False) -> Geocoder:  # noqa: ARG002 - it is always the newest
        """The geocoder of this process."""
        with self._database.reading() as connection:
            known = folders(overview(connection))
        return self._addresses.geocoder(known)


def answer_of(
    visit: Visit, words: str, within: str = "", geocoder: Geocoder | None = None, near: View | None = None
) -> Answer:
    """The geocoder's answer. Coordinates whose order fits the loaded territories only when exchanged are exchanged; a
    text that names no settlement is looked for where the visitor looks."""
    geocoder = geocoder or today(visit).get()
    scope = scope_of(visit, within)
    if scope is None and read_coordinates(words) is not None:
        west, south, east, north = look(visit).bounds
        edge = max(east - west, north - south) * OUTSKIRTS
        loaded = shapely.box(west - edge, south - edge, east + edge, north + edge)
        found = geocoder.geocode(words, Scope(name="loaded", polygon=loaded), explain=True)
        if found.accepted:
            return found
    return geocoder.geocode(words, scope, context_of(visit, near), explain=True)


def completions_of(
    visit: Visit, words: str, limit: int, geocoder: Geocoder | None = None, near: View | None = None
) -> list[Completion]:
    """What somebody who is still typing may mean."""
    addresses: Addresses = visit.request.app.state.addresses
    geocoder = geocoder or today(visit).get()
    context = context_of(visit, near)
    around = geocoder.limits(context.scope).settlements if context else None
    return addresses.completions(geocoder).find(words, limit, around or frozenset())


def context_of(visit: Visit, near: View | None) -> Context | None:
    """Where a text of a visitor is looked for that names no settlement."""
    addresses: Addresses = visit.request.app.state.addresses
    return addresses.context(folders(look(visit)), near)


def today(visit: Visit) -> Today:
    """The geocoder over the lists of this installation."""
    return Today(visit.request.app.state.addresses, folders(look(visit)))


def folders(seen: Overview) -> tuple[Path, ...]:
    """The folders with address lists: the installation's own, and those of the demonstration data that are loaded."""
    known = (settings().data_dir / OWN, *(FOLDERS / place / OWN for place in seen.demos))
    return tuple(folder for folder in known if folder.is_dir())


def scope_of(visit: Visit, code: str) -> Scope | None:
    """A territory as the place an address is expected in; None for no code. Raises NotFound for an unknown one."""
    if not code:
        return None
    shape: Any = get_territory(visit.connection, code, geometry=True)["geometry"]
    return Scope(name=code, polygon=shapely.from_geojson(shape)) if shape else None
