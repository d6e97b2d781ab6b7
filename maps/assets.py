"""Which files does a page load, and under which address? Every static file by name, served under its content hash.

A served name is `<name>.<hash>.<ext>`, so an answer never changes and may be cached for ever. A module is served with
all it imports (maps.bundle), and so is a style sheet; other references between the files (url(...), import("…")) are
rewritten to hashed names before hashing: a change below changes everything above it.
The files on disk stay as they came; the browser's message catalogues are generated here from the same scripts.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

import orjson
from babel.messages.extract import extract_javascript

from geo.errors import N_, NotFound
from maps import bundle, text

STATIC = Path(__file__).parent / "static"
PREFIX = "/static/"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
# bare names the vendored modules import one another by
PACKAGES = {"@mapbox/point-geometry": "vendor/point-geometry/point-geometry.js"}
STYLE_IMPORT = re.compile(r"""^@import url\(["'](?P<name>[^"']+)["']\);\n?""", re.MULTILINE)
STYLE_URL = re.compile(r"""(?P<head>url\()(?P<quote>["']?)(?P<name>(?!data:|#|%23|[a-z]+:)[^"')]+)(?P=quote)\)""")
KEYWORDS = {"t": None, "n": (1, 2)}


@dataclass(frozen=True)
class Asset:
    """One file as it is served; `name` carries the hash."""

    name: str
    media_type: str
    content: bytes

    @property
    def url(self) -> str:
        """The address of the file."""
        return PREFIX + self.name

    @property
    def etag(self) -> str:
        """The hash, quoted as a validator."""
        return f'"{self.name.split(".")[-2]}"'

    @cached_property
    def gzipped(self) -> bytes:
        """The content compressed once, for clients that accept it."""
        return gzip.compress(self.content, 9, mtime=0)


def url(name: str) -> str:
    """The address of a file named by its path inside the static folder, such as `explorer.js`."""
    return asset(name).url


def find(hashed_name: str) -> Asset | None:
    """The file with this hashed name, or None: an old or invented name."""
    return _by_hashed_name().get(hashed_name)


@cache
def asset(name: str) -> Asset:
    """A file by its plain path. Raises NotFound for a name that is not shipped."""
    path = PurePosixPath(name)
    if path.suffix not in TYPES:
        raise NotFound(N_("There is no static file {name}."), name=name)
    content = _content(path)
    digest = hashlib.sha256(content).hexdigest()[:16]
    return Asset(f"{_flat(path)}.{digest}{path.suffix}", TYPES[path.suffix], content)


@cache
def names() -> tuple[str, ...]:
    """Every file that can be served, by plain path."""
    files = (path.relative_to(STATIC).as_posix() for path in sorted(STATIC.rglob("*")) if path.suffix in TYPES)
    shipped = [name for name in files if not name.endswith(".lock.json")]
    return (*shipped, *(messages_name(lang) for lang in text.languages()))


def messages_name(lang: str) -> str:
    """The plain name of a language's catalogue for the browser."""
    return f"messages.{lang}.json"


def script_msgids() -> tuple[tuple[str, ...], ...]:
    """All sentences our scripts show: t("…") and n("…", "…", count)."""
    found: set[tuple[str, ...]] = set()
    for path in sorted(STATIC.glob("*.js")):
        with path.open("rb") as file:
            for _line, _call, ids, _comments in extract_javascript(file, KEYWORDS, (), {"parse_template_string": True}):
                sentences: object = ids  # one of t(), a tuple of n(); Babel's own annotation says list
                found.add(tuple(filter(None, sentences))[:2] if isinstance(sentences, tuple) else (str(sentences),))
    return tuple(sorted(found))


@cache
def _by_hashed_name() -> dict[str, Asset]:
    return {found.name: found for found in map(asset, names())}


def _content(path: PurePosixPath) -> bytes:
    """The bytes of a file with its references hashed, or a generated catalogue."""
    for lang in text.languages():
        if path.name == messages_name(lang):
            return orjson.dumps(text.script_messages(script_msgids(), lang), option=orjson.OPT_SORT_KEYS)
    try:
        raw = (STATIC / path).read_bytes()
    except FileNotFoundError as error:
        raise NotFound(N_("There is no static file {name}."), name=str(path)) from error
    if path.suffix == ".js" and bundle.is_module(raw.decode()):
        return bundle.linked(path.as_posix(), _source, _resolve, lambda name: f"./{asset(name).name}").encode()
    if path.suffix == ".css":
        return _sheet(path).encode()
    return raw


def _sheet(path: PurePosixPath) -> str:
    """A style sheet with those it imports in their places: painting waits for all of them."""
    imports: list[str] = []

    def imported(match: re.Match[str]) -> str:
        imports.append(_sheet(path.parent / match["name"]))
        return ""

    own = STYLE_IMPORT.sub(imported, _source(path.as_posix()))
    return "".join(imports) + STYLE_URL.sub(lambda match: _reference(match, path) + ")", own)


def _reference(match: re.Match[str], origin: PurePosixPath) -> str:
    """One reference with its hashed address; relative to the prefix, so that a proxy may move the folder."""
    target = asset(_resolve(match["name"], origin.as_posix()))
    return f"{match['head']}{match['quote']}./{target.name}{match['quote']}"


def _resolve(name: str, origin: str) -> str:
    """The plain path a reference in a file means."""
    path = STATIC / PurePosixPath(origin).parent / name
    return PACKAGES.get(name) or path.resolve().relative_to(STATIC.resolve()).as_posix()


def _source(name: str) -> str:
    try:
        return (STATIC / name).read_text("utf-8")
    except FileNotFoundError as error:
        raise NotFound(N_("There is no static file {name}."), name=name) from error


def _flat(path: PurePosixPath) -> str:
    """A path as one name: folders joined by dashes, a repeated last word dropped."""
    parts = [*path.parent.parts, path.stem]
    return "-".join(part for part, following in zip(parts, [*parts[1:], ""], strict=True) if part != following)


def without_references(sheet: str) -> str:
    """A style sheet that asks for no other file: pictures of controls a file on its own does not show."""
    return re.sub(r"@import[^;]+;", "", STYLE_URL.sub("none", sheet))
