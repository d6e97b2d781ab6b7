"""The committed files with their faults, and a town to expect them in."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.ingest.crs import BBox

FILES = Path(__file__).parents[3] / "fixtures" / "files"
TOWN: BBox = (45.85, 51.35, 46.15, 51.6)


@pytest.fixture
def files() -> Path:
    """Folder of the committed files."""
    return FILES
