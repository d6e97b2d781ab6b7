"""Real files with real faults, where they are at hand: TRIAL_DATA names a folder that holds `messy` and `boundaries`.

The files belong to others and are not kept here. Every fault of theirs is made anew in tests/fixtures/files, so this
trial adds no case, only the assurance that the originals come out as promised.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from geo.errors import OkrugaError
from tests.geo.ingest.readers.trial import Outcome, attempt

FOLDER = Path(os.environ.get("TRIAL_DATA", ""))
PROMISES = Path(__file__).with_name("trial_outcomes.csv")
pytestmark = pytest.mark.skipif(
    not os.environ.get("TRIAL_DATA") or not FOLDER.is_dir(), reason="TRIAL_DATA names no folder with the real files"
)


def promised() -> Iterator[dict[str, str]]:
    with PROMISES.open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


@pytest.mark.parametrize("row", list(promised()), ids=lambda row: f"{row['file']}{row['layer'] and '@'}{row['layer']}")
def test_real_file(row: dict[str, str]) -> None:
    found = attempt(FOLDER / row["file"], row["register"], layer=row["layer"], fields=row["fields"])
    assert found == Outcome(
        row["refusal"], found.says, int(row["accepted"]), int(row["rejected"]), int(row["repaired"]), row["offers"],
        row["codes"],
    )  # fmt: skip


def test_no_file_of_the_folder_is_left_out_or_breaks() -> None:
    """Every messy file is in the table, and none gives anything but an outcome or one of our own errors."""
    told = {row["file"] for row in promised()}
    for path in sorted((FOLDER / "messy").rglob("*")):
        if path.is_file():
            assert str(path.relative_to(FOLDER)) in told
            found = attempt(path, "boundaries")
            assert not found.refusal or issubclass_of_ours(found.refusal)


def issubclass_of_ours(name: str) -> bool:
    classes, names = [OkrugaError], set()
    while classes:
        one = classes.pop()
        names.add(one.__name__)
        classes += one.__subclasses__()
    return name in names
