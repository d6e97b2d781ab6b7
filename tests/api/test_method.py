"""Are the chapters of the method pages of the service: safe, in the language, linked with one another?"""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from api.routes.docs import CHAPTERS
from geo.analysis.measures import OF_TERRITORIES
from maps.layout import Frame
from maps.office import MethodPage

NAMES = sorted(path.stem for path in CHAPTERS.glob("*.md"))
TRANSLATED = sorted(path.stem for path in (CHAPTERS / "ru").glob("*.md"))
CODE = re.compile(r"`([a-z0-9_]+)`")


@pytest.mark.parametrize("chapter", NAMES)
def test_every_chapter_is_a_page(client: TestClient, chapter: str) -> None:
    for prefix, lang in (("", "ru"), ("/en", "en")):
        page = client.get(f"{prefix}/docs/method/{chapter}")
        assert page.status_code == 200
        written = "en" if chapter not in TRANSLATED else lang
        assert ('<article class="prose method" lang="en">' in page.text) is (written != lang)
        for target in re.findall(r"<article.*?</article>", page.text, re.DOTALL)[0].split('href="')[1:]:
            address = target.partition('"')[0]
            if not address.startswith("http"):
                assert client.get(f"{prefix}/docs/method/{address}").status_code == 200, (chapter, address)


def test_every_measure_leads_to_a_chapter(client: TestClient) -> None:
    for method in {measure.method for measure in OF_TERRITORIES}:
        assert client.get(method).status_code == 200, method


@pytest.mark.parametrize("chapter", TRANSLATED)
def test_a_translated_chapter_says_as_much(chapter: str) -> None:
    """The same measures and reasons are named, under as many headings."""
    original, russian = ((CHAPTERS / folder / f"{chapter}.md").read_text("utf-8") for folder in (".", "ru"))
    assert set(CODE.findall(russian)) == set(CODE.findall(original))
    assert russian.count("\n## ") == original.count("\n## ")
    assert russian.count("\n- ") == original.count("\n- ")


def test_there_is_no_such_chapter(client: TestClient) -> None:
    for address in ("nothing", "..%2f..%2fetc%2fpasswd", "coverage.md", "ru%2fcoverage"):
        assert client.get(f"/docs/method/{address}").status_code in (404, 422)


def test_markup_in_a_chapter_is_text() -> None:
    page = MethodPage(
        frame=Frame(), chapter="gaps", markdown="# A\n\n<script>alert(1)</script> [x](javascript:alert(1)) {{7*7}}"
    )
    assert "<script" not in page.body
    assert 'href="javascript' not in page.body
    assert "{{7*7}}" in page.body
