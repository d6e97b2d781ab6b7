"""Which boundaries does an OpenStreetMap extract hold, and how are they loaded like those of any other file?

Its boundary relations of one admin level (or of places, where none is stated) are written as GeoJSON into a folder of
the caller's, and go the way of every file from there: mapping, checks, versions, undo.
"""

from __future__ import annotations

from pathlib import Path

import orjson
import pandas as pd
import shapely

from geo.errors import N_, BadFile
from geo.ingest.osm import read_osm
from geo.ingest.readers import ChooseLayer
from geo.progress import SILENT, Progress


def as_geojson(path: Path, folder: Path, level: str | None, progress: Progress = SILENT) -> Path:
    """A GeoJSON file in `folder` with the boundaries of one admin level; WGS 84.

    Raises BadFile for what is no extract and ChooseLayer where `level` is not the name of a level it holds.
    """
    found = read_osm(path, progress).boundaries
    levels = (
        found["admin_level"].where(found["admin_level"] != "", found["place"]) if len(found) else pd.Series(dtype=str)
    )
    names = sorted(set(levels))
    if not names:
        raise BadFile(
            N_("{file} holds names but no shapes."),
            remedy=N_("Boundaries need a polygon in every row; choose another layer or file."),
            file=path.name,
        )
    if level not in names and (level or len(names) != 1):
        raise ChooseLayer(
            N_("{file} holds several layers: {names}."),
            remedy=N_("Choose one with --layer."),
            names=names,
            file=path.name,
        )
    written = folder / f"{path.name}.geojson"
    rows = found[levels == (level or names[0])].to_dict("records")
    features = [
        {"type": "Feature", "geometry": orjson.Fragment(shapely.to_geojson(row.pop("geometry"))), "properties": row}
        for row in rows
    ]
    written.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": features}))
    return written
