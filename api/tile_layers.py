"""Which layers of tiles are there now, and under which addresses? The same catalogue for `/tiles` and for the pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from api.deps import Visit
from geo.store.tiles import MAX_ZOOM, MIN_ZOOM, Layer, layers


def catalogue(visit: Visit) -> dict[str, dict[str, Any]]:
    """All layers that have something to show, by name."""
    return {name: described(layer) for name, layer in current_layers(visit).items()}


def current_layers(visit: Visit) -> dict[str, Layer]:
    """The layers, asked for once for each version of the data."""
    return visit.remember("layers", lambda: layers(visit.connection))


def described(layer: Layer) -> dict[str, Any]:
    """A layer with the address of its tiles."""
    version = layer.at(date.today())  # noqa: DTZ011 - a calendar day of the city
    return {
        "version": version,
        "bounds": layer.bounds,
        "minzoom": MIN_ZOOM,
        "maxzoom": MAX_ZOOM,
        "tiles": f"/tiles/{layer.name}/{version}/{{z}}/{{x}}/{{y}}.mvt",
        "versions": [
            {"from": each.since.isoformat() if each.since else None, "version": each.token} for each in layer.versions
        ],
    }
