"""What would a folium user's page of the same areas be? The peer of benchmarks.first_map, with all its assets.

Areas with names, values and class colours as one inlined GeoJson with a tooltip, folium's own figure around it. Its
scripts and styles are the ones it names, fetched once with npm, as they would come from the hosts it names, and served
from here: a foreign host would be slower. Two small style sheets that no package brings are answered empty.
"""

from __future__ import annotations

import gzip
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import folium

from maps import assets

Features = Sequence[dict[str, Any]]
# the name in the page's links: package, file in it
PACKAGED = {
    "jquery-3.7.1.min.js": ("jquery@3.7.1", "dist/jquery.min.js"),
    "bootstrap.bundle.min.js": ("bootstrap@5.2.2", "dist/js/bootstrap.bundle.min.js"),
    "bootstrap.min.css": ("bootstrap@5.2.2", "dist/css/bootstrap.min.css"),
    "all.min.css": ("@fortawesome/fontawesome-free@6.2.0", "css/all.min.css"),
    "leaflet.awesome-markers.js": ("leaflet.awesome-markers@2.0.5", "dist/leaflet.awesome-markers.js"),
    "leaflet.awesome-markers.css": ("leaflet.awesome-markers@2.0.5", "dist/leaflet.awesome-markers.css"),
}


def build(features: Features, centre: tuple[float, float], folder: str) -> str:
    """The page, built and rendered as folium's own web examples do it; its assets are asked for below `folder`."""
    page = folium.Map(location=centre, zoom_start=9, tiles=None)
    folium.GeoJson(
        {"type": "FeatureCollection", "features": list(features)},
        style_function=lambda f: {
            "fillColor": f["properties"]["colour"],
            "fillOpacity": 1,
            "weight": 1,
            "color": "#fff",
        },
        tooltip=folium.GeoJsonTooltip(["name", "value"]),
    ).add_to(page)
    return localised(str(page.get_root().render()), folder)


def bare(centre: tuple[float, float], folder: str) -> str:
    """An empty map by folium and the least it can do with: Leaflet, and one square on a canvas of Leaflet's."""
    page = folium.Map(location=centre, zoom_start=9, tiles=None, prefer_canvas=True)
    page.default_js = [link for link in page.default_js if link[0] == "leaflet"]
    page.default_css = [link for link in page.default_css if link[0] == "leaflet_css"]
    folium.Rectangle([[each - 0.1 for each in centre], [each + 0.1 for each in centre]]).add_to(page)
    return localised(str(page.get_root().render()), folder)


def localised(html: str, folder: str) -> str:
    """The page with all it names asked for below `folder`."""
    return re.sub(r'"https?://[^"]*/([^"/]+\.(?:js|css))"', rf'"{folder}/\1"', html)


def packed_assets() -> dict[str, bytes]:
    """The files the page links to, as gzip; what cannot be fetched is missing, in the page's favour."""
    found = {name: assets.asset(f"vendor/leaflet/{name}").gzipped for name in ("leaflet.js", "leaflet.css")}
    with tempfile.TemporaryDirectory() as folder:
        for name, (package, path) in PACKAGED.items():
            content = from_package(package, path, Path(folder))
            if content is not None:
                found[name] = gzip.compress(content, 9)
    return found


def from_package(package: str, path: str, folder: Path) -> bytes | None:
    """One file of an npm package."""
    command = ["npm", "pack", package, "--silent", "--pack-destination", str(folder)]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
        with tarfile.open(folder / done.stdout.split()[-1]) as archive:
            member = archive.extractfile(f"package/{path}")
            return member.read() if member else None
    except (OSError, subprocess.SubprocessError, KeyError):
        return None
