"""Does every page say what it holds, in both languages, and nothing it was not meant to run?"""

from __future__ import annotations

import dataclasses
import datetime
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from geo.errors import Message
from geo.vocabulary import (
    BoundaryPrecision,
    Certainty,
    Channel,
    FundingSource,
    MatchLevel,
    MissingReason,
    NeedPriority,
    NeedStatus,
    OrganisationKind,
    PopulationBase,
    ProjectStatus,
    PublicPrecision,
    TerritoryKind,
    Theme,
    TosLevel,
    TosStatus,
)
from maps import charts, layout, pages
from maps.explorer import Defaults, Explorer, Measure
from maps.layout import Frame, Source
from maps.page import content_security_policy
from maps.pages import ErrorPage, Page, render

NBSP = "\N{NO-BREAK SPACE}"
HOSTILE = "</script><img src=x onerror=alert(1)>{{7*7}}{% x %}${1}`'\""
DAY = datetime.date(2025, 3, 4)


def frame(text: str, lang: str) -> Frame:
    source = Source(title=text, href="https://example.org/a", licence=text)
    return Frame(lang=lang, path="/x", query="a=1", sources=(source,), data_on=DAY, account=text, invented=True)


def every_page(text: str, lang: str = "ru") -> list[Page]:
    """One page of each kind, with `text` wherever somebody could have stored it."""
    contact = pages.Contact(role=OrganisationKind.BASE_ORGANISATION, name=text, note=text, href="https://example.org")
    territory = pages.NearTerritory(
        kind=TerritoryKind.CIVIC_DISTRICT,
        code="d1",
        name=text,
        certainty=Certainty.NEAR_BORDER,
        href="/districts/d1",
        people=(contact,),
    )
    entry = pages.EntryRow(
        title=text, href="/projects/1", status=ProjectStatus.IN_PROGRESS, theme=Theme.OTHER, on=DAY, note=text
    )
    place = pages.PlaceNote(
        address=text, match_level=MatchLevel.HOUSE, territories=(territory,), precision=PublicPrecision.STREET
    )
    cell = pages.Cell(value=0.375, numerator=3, denominator=8, low=0.3, high=0.5, rank=text, estimated=True)
    empty = pages.Cell(value=None, missing=MissingReason.SUPPRESSED)
    column = pages.Column(code="a", title=text, unit="share", base=PopulationBase.RESIDENTS, method="/docs/method/a")
    indicator = pages.Indicator(
        code="a",
        title=text,
        unit="share",
        value=0.375,
        median=0.4,
        lowest=0.1,
        highest=0.8,
        low=0.3,
        high=0.45,
        rank=5,
        rank_low=4,
        rank_high=6,
        of=9,
        numerator=3,
        denominator=8,
        base=PopulationBase.RESIDENTS,
        estimated=True,
    )
    money = (
        (FundingSource.REGIONAL, 185_000_000),
        (FundingSource.RESIDENTS, 9_850_000),
        (FundingSource.LABOUR, 4_500_000),
    )
    history = (pages.Event(on=DAY, text=text),)
    around: dict[str, Any] = {"frame": frame(text, lang)}
    choices = Explorer(
        question="coverage",
        lang=lang,
        bounds=(0, 0, 1, 1),
        measures=(Measure(code="a", title=text, unit="share"),),
        periods=("2025",),
        kinds=(TerritoryKind.CIVIC_DISTRICT,),
        defaults=Defaults(measure="a"),
    )
    return [
        pages.HomePage(**around, place=text, residents=412_300, districts=1, tos=2, projects=5, needs=21, events=3),
        pages.NearPage(
            **around,
            query=text,
            lat=51.5,
            lon=46.0,
            territories=(territory,),
            number_matched=1,
            items=(
                pages.NearItem(
                    register=text, id=1, title=text, href="/needs/1", distance_m=847, status=NeedStatus.OPEN
                ),
            ),
        ),
        pages.NearPage(**around, query=text, candidates=(pages.Candidate(label=text, href="/near?lat=1", note=text),)),
        pages.NearPage(**around, query=text),
        pages.NearPage(**around, lat=1.0, lon=1.0, outside=True),
        pages.DistrictsPage(
            **around,
            kind=TerritoryKind.CIVIC_DISTRICT,
            kinds=tuple(TerritoryKind),
            period="2025",
            periods=("2024", "2025"),
            columns=(column,),
            rows=(pages.DistrictRow(code="d1", name=text, href="/districts/d1", cells=(cell,)),),
            sort="a",
        ),
        pages.DistrictsPage(
            **around,
            kind=TerritoryKind.BLOCK,
            kinds=(),
            period="2025",
            periods=(),
            columns=(column,),
            rows=(),
        ),
        pages.DistrictPage(
            **around,
            code="d1",
            name=text,
            kind=TerritoryKind.CIVIC_DISTRICT,
            period="2025",
            residents=104_230,
            residents_16=86_110,
            area_km2=18.43,
            parents=(pages.Link(title=text, href="/districts/m"),),
            boundary=pages.BoundaryNote(
                valid_from=DAY, legal_act=text, source=text, licence=text, precision=BoundaryPrecision.WORDS
            ),
            indicators=(indicator,),
            statuses=((ProjectStatus.IDEA, 3), (ProjectStatus.REPORTED, 9)),
            money=money,
            needs=(entry,),
            projects=(entry,),
            events=(entry,),
            organisations=(contact,),
            map_url="/embed/place/x/d1",
            parts=(pages.TerritoryRow(name=text, href="/districts/t1", status=TosStatus.FOUNDING, note=text),),
        ),
        pages.DistrictPage(**around, code="d2", name=text, kind=TerritoryKind.TOS_TERRITORY, period="2025"),
        pages.ProjectPage(
            **around,
            id=1,
            title=text,
            description=text,
            status=ProjectStatus.IN_PROGRESS,
            theme=Theme.LANDSCAPING,
            secondary_themes=(Theme.OTHER,),
            planned_from=DAY,
            planned_to=DAY,
            starts_on=DAY,
            places=(place,),
            money=money,
            beneficiaries=2300,
            supporters=412,
            votes=388,
            initiator=text,
            programme=text,
            needs=(entry,),
            history=history,
            url="https://example.org/?q=" + text,
            nearby=(entry,),
            source=text,
            map_url="/embed/place/project/1",
        ),
        pages.ProjectPage(
            **around, id=2, title=text, description="", status=ProjectStatus.CANCELLED, theme=Theme.OTHER, url=text
        ),
        pages.NeedPage(
            **around,
            id=1,
            title=text,
            description=text,
            status=NeedStatus.OPEN,
            theme=Theme.STREET_LIGHTING,
            priority=NeedPriority.HIGH,
            reported_on=DAY,
            answered_on=DAY,
            channel=Channel.POS_GOSUSLUGI,
            affected_people=600,
            supporters=34,
            places=(place,),
            projects=(entry,),
            history=history,
            nearby=(entry,),
            source=text,
        ),
        pages.TosPage(
            **around,
            total=48,
            active=41,
            residents_share=0.414,
            query=text,
            status="active",
            next_href="/tos?cursor=x",
            rows=(
                pages.TosRow(
                    name=text,
                    href="/districts/t1",
                    status=TosStatus.ACTIVE,
                    level=TosLevel.OTHER,
                    district=text,
                    registered_on=DAY,
                    residents=1200,
                    charter=text,
                ),
            ),
        ),
        pages.TablePage(
            **around,
            question="coverage",
            measure=text,
            unit="share",
            kind=TerritoryKind.CIVIC_DISTRICT,
            period="2025",
            columns=(column, column),
            theme=Theme.OTHER,
            base=PopulationBase.RESIDENTS_16,
            distance_m=500,
            method="/docs/method/a",
            rows=(
                pages.TableRow(
                    name=text, href="/districts/d1", rank="1", cells=(cell, empty), reasons=(text, Message(text))
                ),
            ),
            sources=(text,),
            note=text,
            csv_href="/api/coverage?format=csv",
            map_href="/map/coverage",
            choices=choices,
        ),
        ErrorPage(**around, status=410, detail=text, remedy=Message(text), instance=text),
        pages.SignInPage(**around, next=text, problem=text, csrf=text),
        pages.SignInPage(**around, by_link=True),
        pages.DocsPage(**around),
    ]


PAGES = [(type(page).__name__, at) for at, page in enumerate(every_page(""))]
IDS = [f"{name}-{at}" for name, at in PAGES]


class Reader(HTMLParser):
    """Collects what a browser would see: tags, attributes, text, and whether the tags are balanced."""

    VOID = frozenset({"meta", "link", "img", "input", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.stack: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack, f"</{tag}> without a beginning"
        assert self.stack.pop() == tag, f"</{tag}> ends something else"

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("lang", ["ru", "en"])
@pytest.mark.parametrize("at", range(len(PAGES)), ids=IDS)
def test_stored_text_is_text(at: int, lang: str) -> None:
    html = render(every_page(HOSTILE, lang)[at])
    seen = Reader(html)
    assert seen.stack == []
    assert not [tag for tag, attributes in seen.tags if tag == "img" and attributes.get("src") == "x"]
    assert not [name for _, attributes in seen.tags for name in attributes if name.startswith("on")]
    assert not [attributes for _, attributes in seen.tags if "style" in attributes]
    assert "49" not in seen.text
    assert "unsafe" not in content_security_policy(html)


@pytest.mark.parametrize("at", range(len(PAGES)), ids=IDS)
def test_pages_have_one_heading_a_language_and_labels(at: int) -> None:
    html = render(every_page("Заречный", "ru")[at])
    seen = Reader(html)
    assert seen.tags[0] == ("html", {"lang": "ru"})
    assert sum(tag == "h1" for tag, _ in seen.tags) == 1
    assert "Вымышленный город" in seen.text
    fields = [
        attributes for tag, attributes in seen.tags if tag in ("input", "select") and attributes.get("type") != "hidden"
    ]
    assert len(re.findall("<label", html)) >= len(fields)
    ids = [attributes["id"] for _, attributes in seen.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert 'lang="en" hreflang="en"' in html
    assert not [attributes for tag, attributes in seen.tags if tag == "img" and "alt" not in attributes]


@pytest.mark.parametrize("at", range(len(PAGES)), ids=IDS)
def test_no_english_is_left_on_a_russian_page(at: int) -> None:
    seen = Reader(re.sub('https://[^<"]*', "", render(every_page("Заречный", "ru")[at])))
    assert set(re.findall(r"[A-Za-z]{3,}", seen.text)) <= {"API", "CSV", "OpenAPI", "JavaScript"}


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://x.example", "x y"]
)
def test_only_web_addresses_become_links(address: str) -> None:
    assert layout.web_address(address) == ""
    project = dataclasses.replace(every_page("x")[9], url=address)  # type: ignore[call-arg]
    assert address not in render(project)
    contact = pages.Contact(role="x", name="Имя", href=address)
    district = pages.DistrictPage(
        frame=Frame(), code="d", name="n", kind=TerritoryKind.BLOCK, period="2025", organisations=(contact,)
    )
    assert address not in render(district)


def test_every_template_is_used() -> None:
    package = layout.TEMPLATES.parent
    sources = [path.read_text("utf-8") for path in [*package.glob("*.py"), *layout.TEMPLATES.glob("*.html")]]
    for path in layout.TEMPLATES.glob("*.html"):
        assert any(f'"{path.name}"' in source for source in sources), path.name


@pytest.mark.parametrize("path", sorted(layout.TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_templates_switch_nothing_off(path: Any) -> None:
    source = path.read_text("utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape false|style=\"|\son\w+=", source)
    assert not re.search(r"(?:src|href)=\"https?:", source)


def test_numbers_are_written_in_the_language() -> None:
    shown = Reader(render(every_page("x", "ru")[7])).text
    assert f"37,5{NBSP}%" in shown
    assert f"104{NBSP}230" in shown
    assert "место 4–6 из 9" in shown
    assert f"1{NBSP}948{NBSP}500{NBSP}₽" in shown
    assert "37.5%" in Reader(render(every_page("x", "en")[7])).text


def test_labour_is_not_added_to_money() -> None:
    funding = pages.Funding(parts=((FundingSource.RESIDENTS, 100), (FundingSource.LABOUR, 900)), currency="RUB")
    assert funding.total_minor == 100
    assert [part.key for part in funding.segments] == [FundingSource.RESIDENTS]
    assert funding.apart == ((FundingSource.LABOUR, 900),)


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        (404, "Такой страницы нет"),
        (410, "Это больше не опубликовано"),
        (418, "Запрос непонятен"),
        (502, "У нас что-то сломалось"),
    ],
)
def test_errors_have_words(status: int, heading: str) -> None:
    html = render(ErrorPage(frame=Frame(), status=status))
    assert f"<h1>{heading}</h1>" in html


def test_sorting_turns_round() -> None:
    page = every_page("x")[5]
    assert isinstance(page, pages.DistrictsPage)
    assert page.sort_href("a").endswith("sort=a&order=asc")
    assert page.sort_href("b").endswith("sort=b&order=desc")


def test_dot_plot_keeps_its_dots_inside() -> None:
    plot = charts.dot_plot(
        pages.Indicator(code="a", title="", unit="share", value=1, median=0.5, lowest=0, highest=1, low=0, high=1)
    )
    assert plot is not None
    assert 0 < plot.dot < 100
    assert plot.whisker is not None
    assert plot.whisker[0] < (plot.median or 0) < plot.whisker[1]
    assert charts.dot_plot(pages.Indicator(code="a", title="", unit="share", value=None)) is None


def test_language_prefix_is_kept_by_links() -> None:
    html = render(every_page("x", "en")[0])
    internal = re.findall(r'(?:href|action)="(/[^"]*)"', html)
    assert [href for href in internal if not href.startswith(("/en", "/static", "/x"))] == []
