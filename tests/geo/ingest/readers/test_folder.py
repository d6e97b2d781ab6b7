"""What is said when a folder is named where one file is wanted?"""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import BadFile
from geo.ingest.readers import read


def test_a_folder_names_the_files_in_it(tmp_path: Path) -> None:
    for name in ("needs.csv", "parks.geojson", "readme.txt.bak"):
        (tmp_path / name).write_text("a\n")
    with pytest.raises(BadFile) as refusal:
        read(tmp_path)
    assert "is a folder" in str(refusal.value)
    assert "needs.csv, parks.geojson." in str(refusal.value.remedy)


def test_a_folder_without_any_file_to_load(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as refusal:
        read(tmp_path)
    assert "nothing in it that can be loaded" in str(refusal.value.remedy)
