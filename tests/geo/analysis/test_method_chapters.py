"""Do the examples in the method chapters and docstrings give what they say, and is every chapter there?"""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
CHAPTERS = CHECKOUT / "docs" / "method"

# indicator module: its chapter
METHODS = {
    "intervals": "intervals", "smoothing": "smoothing", "funnel": "funnel", "hotspots": "hotspots",
    "distance": "distance", "catchment": "catchment", "inequality": "inequality", "disparity": "disparity",
    "scores": "gap_index", "ranks": "ranks", "peers": "peers", "siting_model": "siting", "areal": "areal_interpolation",
    "suppression": "suppression", "kernel": "kernel", "growth": "growth", "published": "published",
    "representation": "representation", "fine": "hexagons", "walking": "walking",
}  # fmt: skip
WITHOUT_CHAPTER = ("arrays", "figure", "columns", "result", "siting_solver")


@pytest.mark.parametrize("module", [*METHODS, *WITHOUT_CHAPTER])
def test_examples_of_functions(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"geo.analysis.{module}"))
    assert result.failed == 0
    assert module in ("arrays", "siting_solver") or result.attempted > 0


@pytest.mark.parametrize("chapter", sorted(METHODS.values()))
def test_examples_of_chapters(chapter: str) -> None:
    path = CHAPTERS / f"{chapter}.md"
    result = doctest.testfile(str(path), module_relative=False, encoding="utf-8")
    assert result.attempted > 0, f"{path} has no example"
    assert result.failed == 0


@pytest.mark.parametrize(("module", "chapter"), METHODS.items())
def test_every_chapter_says_what_it_must(module: str, chapter: str) -> None:
    """A summary in Russian, where the numbers come from, when there is no answer, and the papers."""
    text = (CHAPTERS / f"{chapter}.md").read_text(encoding="utf-8")
    for heading in ("## Коротко", "## Formula", "## When there is no answer", "## Worked example", "## References"):
        assert heading in text, f"{chapter}: {heading}"
    assert f"geo.analysis.{module}" in text
