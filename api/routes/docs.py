"""How is this service used by programs, and how are its figures computed? The reference and the chapters of the
method.
"""

from __future__ import annotations

from pathlib import Path as File
from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.build import PACKAGES
from api.deps import PageReading, Visit
from api.frame import frame
from geo.errors import N_, NotFound
from maps.office import MethodPage
from maps.pages import DocsPage, render
from maps.text import SOURCE_LANG

pages = APIRouter()
CHAPTERS = PACKAGES / "docs" / "method"


@pages.get("/docs")
def reference(visit: PageReading) -> Response:
    return visit.page(lambda: render(DocsPage(frame=frame(visit))), keep=True)


@pages.get("/docs/method/{chapter}")
def method(visit: PageReading, chapter: Annotated[str, Path(pattern=r"^[a-z_]{1,40}$")]) -> Response:
    return visit.page(lambda: render(content(visit, chapter)), keep=True)


def content(visit: Visit, chapter: str) -> MethodPage:
    path, written_in = chapter_of(chapter, visit.lang)
    foreign = written_in if written_in != visit.lang else ""
    return MethodPage(frame=frame(visit), chapter=chapter, markdown=path.read_text("utf-8"), written_in=foreign)


def chapter_of(chapter: str, lang: str) -> tuple[File, str]:
    """The file of a chapter and its language: the one asked for when it was translated. Raises NotFound."""
    for path, written_in in ((CHAPTERS / lang / f"{chapter}.md", lang), (CHAPTERS / f"{chapter}.md", SOURCE_LANG)):
        if path.is_file():
            return path, written_in
    raise NotFound(
        N_("There is no chapter {chapter}."), remedy=N_("The pages of the questions link to them."), chapter=chapter
    )
