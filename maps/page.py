"""How does a folium map become a page that is safe to serve? Our figure, our map and what they change in branca.

branca renders a macro and then takes the *result* for another Jinja template. Any stored text in it, a GeoJSON property
for instance, would be executed on the server. Here every macro is rendered once:

* `SafeMacro` is mixed into our own elements, which may also stand on a stock folium map;
* `CivicFigure.render` holds for everything on its map, stock elements included: while it renders, text handed to
  `branca.element.Element` is text. `folium.Element("…")` on our figure is therefore shown as it is written.

The page needs no `unsafe-inline`: `content_security_policy` hashes the inline blocks of the rendered page, which is the
same, byte for byte, each time it is rendered. `safe_json` is the only way a value enters an inline block.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from html.parser import HTMLParser
from typing import Any, ClassVar, cast
from urllib.parse import urlsplit

import branca.element
import folium
import jinja2
from branca.element import Element, Figure, JavascriptLink, MacroElement
from folium.template import Environment as FoliumEnvironment
from markupsafe import Markup

from geo.errors import N_, BadInput
from maps import assets
from maps.layout import Frame, draw

Bounds = tuple[float, float, float, float]
PARTS = ("header", "html", "script")
HOST = re.compile(r"(?:https?://)?(?:\*\.)?[A-Za-z0-9.-]+(?::\d+)?")
JSON_TYPE = "application/json"
# what may not stand inside an inline script or be taken for a template by anything that reads the page later
ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&'$`{\u2028\u2029"}
JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')

_rendering_once: ContextVar[bool] = ContextVar("rendering_once", default=False)


def safe_json(value: object) -> Markup:
    """JSON that can stand in an inline block: dangerous characters inside its strings are \\uXXXX.

    >>> print(safe_json({"name": "</script>{{7*7}}${1}"}))
    {"name":"\\u003c/script\\u003e\\u007b\\u007b7*7}}\\u0024\\u007b1}"}
    """
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # "{{" and "{%" can only arise inside strings: outside, JSON never has a brace before a brace or a percent sign
    safe = JSON_STRING.sub(lambda match: match[0].translate(ESCAPES), plain)
    return Markup(safe)  # noqa: S704 - nothing is left in it that a page could take for markup


class SafeTemplate(jinja2.Template):
    """A template of our elements: folium's filters and `safe_json`."""

    class environment_class(FoliumEnvironment):  # noqa: N801 - the name jinja2 looks for
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
            self.filters["safe_json"] = safe_json


class RawElement(Element):
    """Text that is shown as it is."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **_kwargs: Any) -> str:
        """The text itself."""
        return self.text


class SafeMacro(MacroElement):
    """A macro element whose macros are rendered once, on any figure. Mix it in last: `class X(Layer, SafeMacro)`."""

    def render(self, **kwargs: Any) -> str:
        """Put the rendered macros into the figure, then render the children; itself it leaves nothing."""
        figure = figure_of(self)
        for part in PARTS:
            macro = getattr(self._template.module, part, None)
            if macro is not None:
                getattr(figure, part).add_child(RawElement(macro(self, kwargs)), name=self.get_name())
        for child in list(self._children.values()):
            child.render(**kwargs)
        return ""


def figure_of(element: Element) -> Figure:
    """The figure an element stands on; branca promises only an element."""
    return cast(Figure, element.get_root())


class _Literal:
    """Stands in for a compiled template when the text has been rendered already."""

    def __init__(self, text: str) -> None:
        self.text = text

    def render(self, *_args: Any, **_kwargs: Any) -> str:
        return self.text


def _template(text: str, *args: Any, **kwargs: Any) -> _Literal | jinja2.Template:
    """What branca makes of text handed to an Element: a template, except while one of our figures renders."""
    return _Literal(text) if _rendering_once.get() else jinja2.Template(text, *args, **kwargs)


branca.element.Template = _template  # type: ignore[assignment,attr-defined]


class CivicFigure(Figure):
    """The page around a map: language, title, skip link, header, and the parts folium fills.

    `template` is a page of ours that extends map.html; `context` are its further values, constants of the settings.
    """

    def __init__(self, title: str, frame: Frame, template: str = "map.html", **context: object) -> None:
        super().__init__(title=title)
        self.frame, self.template, self.context = frame, template, context
        self.header._children.clear()

    def render(self, **kwargs: Any) -> str:
        """The whole page; the tree is left as it was, so the next rendering gives the same bytes."""
        with _rendered_once(self):
            for child in list(self._children.values()):
                child.render(**kwargs)
            return str(draw(self.template, self.frame, title=self.title, **self._parts(kwargs), **self.context))

    def _parts(self, kwargs: dict[str, Any]) -> dict[str, Markup]:
        """What the elements left behind: head, scripts to load, body, inline script."""
        head = [child for child in self.header._children.values() if not isinstance(child, JavascriptLink)]
        loads: list[Element] = [child for child in self.header._children.values() if isinstance(child, JavascriptLink)]
        body, script = list(self.html._children.values()), list(self.script._children.values())
        pieces: dict[str, list[Element]] = {"head": head, "loads": loads, "body": body, "script": script}
        joined = {name: "\n".join(child.render(**kwargs).strip() for child in part) for name, part in pieces.items()}
        # a stored «</script>» inside a string would end the block; the backslash changes nothing in JavaScript strings
        joined["script"] = re.sub(r"<(/script|!--)", r"<\\\1", joined["script"], flags=re.IGNORECASE)
        return {name: Markup(text) for name, text in joined.items()}  # noqa: S704 - the map's own markup and script


class CivicMap(folium.Map, SafeMacro):
    """A folium map on our figure: vendored Leaflet, a fixed id, no zoom lock, metres only.

    `bounds` are west, south, east, north in degrees; the map opens on them. Stock folium elements may be added.
    `inlined` puts the scripts into the page, for a file that has to stand alone.
    """

    _template = SafeTemplate("""
        {% macro html(this, kwargs) %}
            <div class="civic-map" id="{{ this.get_name() }}" tabindex="0"></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.map("{{ this.get_name() }}",
                {...{{ this.fixed|safe_json }}, ...{{ this.options|tojavascript }}});
            {{ this.get_name() }}.fitBounds({{ this.corners|safe_json }});
            {% if this.objects_to_stay_in_front %}
            function objects_in_front() {
                {% for each in this.objects_to_stay_in_front %}{{ each.get_name() }}.bringToFront();{% endfor %}
            }
            {{ this.get_name() }}.on("overlayadd", objects_in_front);
            window.addEventListener("load", objects_in_front);
            {% endif %}
        {% endmacro %}
    """)

    # a tile is drawn at once: fading in would show the finished map a fifth of a second later
    fixed: ClassVar = {
        "attributionControl": False, "fadeAnimation": False, "zoomSnap": 0.25, "minZoom": 3, "maxZoom": 19
    }  # fmt: skip

    def __init__(self, bounds: Bounds, figure: CivicFigure, *, inlined: bool = False, **options: Any) -> None:
        west, south, east, north = bounds
        # the page's own script adds zoom buttons in its language
        options.setdefault("zoom_control", False)
        super().__init__(location=((south + north) / 2, (west + east) / 2), tiles=None, **options)
        self._name, self._id = "okruga", "map"
        self.corners = [[south, west], [north, east]]
        # zoom and centre come from the bounds; on the instance, because folium's own lists are shared by all maps
        self.options.pop("zoom", None)
        self.inlined = inlined
        self.default_js: list[tuple[str, str]] = []
        # Leaflet's style sheet is part of that of all pages
        self.default_css: list[tuple[str, str]] = []
        figure.add_child(self, name="map")

    def render(self, **kwargs: Any) -> str:
        """Render the map; stock elements get the few helpers that their scripts expect instead of jQuery."""
        self._load("leaflet", "vendor/leaflet/leaflet.js")
        if any(_is_stock(element) for element in _tree(self)):
            self._load("stock", "stock.js")
            figure_of(self).script.add_child(RawElement(_marker_pictures()), name="pictures")
        super().render(**kwargs)  # type: ignore[no-untyped-call]
        return ""

    def _load(self, name: str, path: str) -> None:
        """Bring a script: by its address, or with its text."""
        if self.inlined:
            figure_of(self).script.add_child(RawElement(assets.asset(path).content.decode()), name=name)
        else:
            self.default_js = [*self.default_js, (name, assets.url(path))]


def _is_stock(element: Element) -> bool:
    """Whether an element brings scripts written for folium's own page."""
    return isinstance(element, MacroElement) and not isinstance(element, SafeMacro)


@cache
def _marker_pictures() -> str:
    """The addresses of Leaflet's marker pictures, which it cannot guess from hashed names."""
    names = {"iconUrl": "marker-icon", "iconRetinaUrl": "marker-icon-2x", "shadowUrl": "marker-shadow"}
    addresses = {key: assets.url(f"vendor/leaflet/images/{name}.png") for key, name in names.items()}
    return f"L.Icon.Default.imagePath = ''; L.Icon.Default.mergeOptions({safe_json(addresses)});"


def _tree(element: Element) -> Iterator[Element]:
    """An element and everything below it, also what figures and popups keep in their parts."""
    yield element
    for part in (getattr(element, name, None) for name in PARTS):
        if isinstance(part, Element):
            yield from _tree(part)
    for child in list(element._children.values()):
        yield from _tree(child)


@contextmanager
def _rendered_once(figure: CivicFigure) -> Iterator[None]:
    """Text stays text while the figure renders, and afterwards every element is as it was before."""
    before = [(element, dict(vars(element)), OrderedDict(element._children)) for element in _tree(figure)]
    token = _rendering_once.set(True)
    try:
        for element, _, _ in before:
            _disarm(element)
        yield
    finally:
        _rendering_once.reset(token)
        for element, attributes, children in before:
            vars(element).clear()
            vars(element).update(attributes, _children=children)


def _disarm(element: Element) -> None:
    """Take the second life out of text a library user put into a stock element."""
    if type(element) is Element and element._template_str is not None:
        element._template = cast(jinja2.Template, _Literal(element._template_str))
    if isinstance(element, folium.Popup):
        for name, child in list(element.html._children.items()):
            element.html._children[name] = _Quoted(child)
    if isinstance(element, folium.Tooltip):
        element.text = _quoted(element.text)


class _Quoted(RawElement):
    """A popup's content: folium puts it between backticks, where `${…}` and a backtick would be code."""

    def __init__(self, inner: Element) -> None:
        super().__init__("")
        self.inner = inner

    def render(self, **kwargs: Any) -> str:
        return _quoted(self.inner.render(**kwargs))


def _quoted(html: str) -> str:
    """HTML whose backslashes, backticks and `${` are entities: the same to read, inert in a template literal."""
    plain = html.replace("\\`", "`")
    return plain.replace("\\", "&#92;").replace("`", "&#96;").replace("${", "&#36;{")


class _InlineBlocks(HTMLParser):
    """Collects the inline scripts and styles of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.blocks: dict[str, list[str]] = {"script": [], "style": []}
        self._open: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in self.blocks and "src" not in given and given.get("type") != JSON_TYPE:
            self._open = tag
            self.blocks[tag].append("")

    def handle_data(self, data: str) -> None:
        if self._open:
            self.blocks[self._open][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = None


def inline_hashes(html: str) -> dict[str, tuple[str, ...]]:
    """The hashes of a page's inline scripts and styles, each as a policy writes it, without repeats."""
    parser = _InlineBlocks()
    parser.feed(html)
    parser.close()
    return {tag: tuple(dict.fromkeys(map(_hashed, blocks))) for tag, blocks in parser.blocks.items()}


def _hashed(block: str) -> str:
    """The hash of a block as a browser sees it: its line ends are always one character."""
    block = block.replace("\r\n", "\n").replace("\r", "\n")
    return f"'sha256-{base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()}'"


def content_security_policy(html: str, *, embed_hosts: Sequence[str] = (), basemap: str = "") -> str:
    """The policy of one rendered page: nothing but our files, the page's own inline blocks and the chosen basemap.

    `basemap` is the tile address template; `embed_hosts` may show the page in a frame. Raises BadInput for a host
    that is not one.
    """
    hashes = inline_hashes(html)
    directives = {
        "default-src": ("'none'",),
        "script-src": ("'self'", *hashes["script"]),
        "style-src": ("'self'", *hashes["style"]),
        "img-src": ("'self'", "data:", *basemap_host(basemap)),
        "connect-src": ("'self'",),
        "frame-src": ("'self'",),
        "base-uri": ("'none'",),
        "form-action": ("'self'",),
        "frame-ancestors": ("'self'", *(_host(host) for host in embed_hosts)),
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in directives.items())


def basemap_host(template: str) -> tuple[str, ...]:
    """The host of a tile address as a policy names it; `{s}` stands for any subdomain.

    >>> basemap_host("https://{s}.tiles.example.org/{z}/{x}/{y}.png")
    ('https://*.tiles.example.org',)
    """
    if not template or template.startswith("/"):
        return ()
    parts = urlsplit(template.replace("{s}.", "*."))
    return (_host(f"{parts.scheme}://{parts.netloc}"),)


def _host(host: str) -> str:
    if not HOST.fullmatch(host):
        raise BadInput(
            N_("{host} is not the address of a site."),
            remedy=N_("Write it as https://example.org; check OKRUGA_EMBED_HOSTS and OKRUGA_BASEMAP_URL."),
            host=host,
        )
    return host
