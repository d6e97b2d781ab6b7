"""What stands around every page: language, place in the site, sources, whether the data are invented. And how templates
are drawn: Jinja with autoescape, the page's own language bound to the filters, nothing computed in a template.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from geo.errors import N_, Message
from geo.vocabulary import MissingReason
from maps import assets, text
from maps.text import Title

TEMPLATES = Path(__file__).parent / "templates"
# the pages of the header, in reading order
SECTIONS = (
    ("/map/coverage", N_("Coverage")),
    ("/map/gaps", N_("Gaps")),
    ("/map/participation", N_("Participation")),
    ("/comparison", N_("Comparison")),
    ("/map/siting", N_("Where next?")),
    ("/near", N_("Near me")),
    ("/districts", N_("Districts")),
    ("/tos", N_("TOS")),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where data came from, as it stands in the footer."""

    title: str
    href: str = ""
    licence: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """What all pages share. `path` has no language prefix; `query` is the raw query string without «?»."""

    lang: str = text.DEFAULT_LANG
    path: str = "/"
    query: str = ""
    invented: bool = False
    sources: tuple[Source, ...] = ()
    data_on: datetime.date | None = None
    data_version: int = 0
    account: str = ""

    def href(self, path: str) -> str:
        """The address of another page in the same language."""
        return text.localise(path, self.lang)

    @property
    def here(self) -> str:
        """This page with its query, without the language prefix."""
        return self.path + (f"?{self.query}" if self.query else "")

    @property
    def translations(self) -> tuple[tuple[str, str], ...]:
        """The other languages of this very page: code and address."""
        return tuple((lang, text.localise(self.here, lang)) for lang in text.languages() if lang != self.lang)

    @property
    def sections(self) -> tuple[tuple[str, str, bool], ...]:
        """The header's links: address, title, whether this page lies under it."""
        return tuple((self.href(path), title, self.path.startswith(path)) for path, title in SECTIONS)

    def moved(self, path: str, query: str = "") -> Frame:
        """The same surroundings at another address."""
        return replace(self, path=path, query=query)


def draw(template: str, frame: Frame, **context: object) -> Markup:
    """A template of `templates/` with the frame's language bound; the result is safe to stand in a page."""
    drawn = environment(text.known(frame.lang)).get_template(template).render(frame=frame, **context)
    return Markup(drawn)  # noqa: S704 - an autoescaped template


@cache
def environment(lang: str) -> Environment:
    """The template environment of one language."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    env.filters.update({name: partial(_filtered, function, lang) for name, function in FILTERS.items()})
    env.filters["web"] = web_address
    env.globals.update(
        asset=assets.url,
        inlined=inlined,
        lang=lang,
        lang_name=language_name,
        t=partial(_sentence, lang),
        n=partial(_counted, lang),
        missing=MissingReason,
        messages=assets.url(assets.messages_name(lang)),
    )
    return env


def inlined(name: str) -> Markup:
    """A drawing of ours as part of the page, one request less for what every page shows; HTML needs no namespace."""
    drawn = assets.asset(name).content.decode().strip()
    return Markup(drawn.replace(' xmlns="http://www.w3.org/2000/svg"', ""))  # noqa: S704 - a file of the package


def titled(title: Title, lang: str) -> str:
    """A title at the start of a line: first letter large."""
    said = text.say(title, lang)
    return said[:1].upper() + said[1:]


FILTERS: Mapping[str, Any] = {
    "say": text.say,
    "titled": titled,
    "number": text.number,
    "share": text.share,
    "metres": text.metres,
    "day": text.day,
    "period": text.period,
    "unit": text.unit_title,
    "money": lambda minor, lang, currency: text.money(minor, currency, lang),
    "value": lambda amount, lang, unit: text.value(amount, unit, lang),
}


def _filtered(function: Any, lang: str, subject: object, *args: object) -> str:
    """A filter that gets its language bound: `{{ 12 | number }}`."""
    return str(function(subject, lang, *args))


def _sentence(lang: str, msgid: str, **params: object) -> str:
    """A sentence of a template: `{{ t("Show the map") }}`."""
    return text.translate(Message(msgid, params), lang)


def _counted(lang: str, singular: str, several: str, count: int, **params: object) -> str:
    """A sentence with a count: `{{ n("{count} project", "{count} projects", 3) }}`."""
    return text.plural(singular, several, count, lang, **params)


def language_name(lang: str) -> str:
    """A language in its own words, for the switch."""
    return (text.locale(lang).get_display_name(lang) or lang).capitalize()


def web_address(address: str) -> str:
    """An address people gave, when it is one a page may link to; otherwise nothing.

    >>> web_address("javascript:alert(1)"), web_address("https://example.org/a")
    ('', 'https://example.org/a')
    """
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    return (
        quote(address.strip(), safe="%/:=&?~#+!$,;'@()*[]")
        if parts.scheme in ("http", "https") and parts.netloc
        else ""
    )
