"""Is every sentence the program can say there in every language, whole and not merely guessed?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import extract_javascript, extract_python
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from geo.vocabulary import VOCABULARIES
from maps import text

CHECKOUT = Path(__file__).resolve().parents[2]
LOCALE = CHECKOUT / "maps" / "locale"
TRANSLATED = [lang for lang in text.languages() if lang != text.SOURCE_LANG]
PLACE = re.compile(r"\{(\w+)\}")
Said = tuple[str, str | tuple[str, ...], str]


@cache
def said_in_code() -> tuple[Said, ...]:
    """Every sentence of Python code, templates and scripts: where it stands, its text (or texts), its context."""
    found: list[Said] = [*python_sentences(), *template_sentences(), *script_sentences()]
    for words in VOCABULARIES:
        found += [("geo/vocabulary.py", word.title_msgid, words.context()) for word in words]
    return tuple(found)


def python_sentences() -> Iterator[Said]:
    """`N_("…")` anywhere, and plural(singular, plural, …) of maps.text."""
    for folder in ("geo", "maps", "api"):
        for path in sorted((CHECKOUT / folder).rglob("*.py")):
            for where, call, ids in extracted(extract_python, path, ("N_", "plural")):
                sentence = ids[:2] if call == "plural" and isinstance(ids, tuple) else ids
                if isinstance(sentence, str) or (isinstance(sentence, tuple) and all(sentence)):
                    yield where, sentence, ""


def template_sentences() -> Iterator[Said]:
    """`t("…")` and `n("…", "…", count)` of the templates."""
    for path in sorted((CHECKOUT / "maps" / "templates").rglob("*.html")):
        for where, call, ids in extracted(babel_extract, path, ("t", "n"), {"extensions": "jinja2.ext.do"}):
            yield from sentence_of(where, call, ids)


def script_sentences() -> Iterator[Said]:
    """The same of our own scripts."""
    for path in sorted((CHECKOUT / "maps" / "static").glob("*.js")):
        for where, call, ids in extracted(extract_javascript, path, ("t", "n")):
            yield from sentence_of(where, call, ids)


def extracted(
    extract: Any, path: Path, calls: tuple[str, ...], options: dict[str, str] | None = None
) -> Iterator[tuple[str, str, object]]:
    """Where a call stands, its name, and its texts as Babel gives them (None for what is no literal)."""
    with path.open("rb") as file:
        for line, call, ids, _ in extract(file, calls, (), options or {}):
            yield f"{path.relative_to(CHECKOUT)}:{line}", str(call), ids


def sentence_of(where: str, call: str, ids: object) -> Iterator[Said]:
    """The sentence of a call; none for a variable, whose literals are marked where they stand."""
    texts = tuple(str(each) for each in (ids if isinstance(ids, tuple) else (ids,)) if each)
    if texts:
        yield where, texts[:2] if call == "n" else texts[0], ""


def entry_of(catalogue: Catalog, sentence: str | tuple[str, ...], context: str) -> Message | None:
    key = sentence if isinstance(sentence, str) else sentence[0]
    return catalogue.get(key, context or None)


@pytest.mark.parametrize("lang", TRANSLATED)
def test_every_sentence_is_translated(lang: str) -> None:
    catalogue = text.catalogue(lang)
    missing = [
        f"{where}: {context and context + ': '}{sentence!r}"
        for where, sentence, context in said_in_code()
        if not whole(entry_of(catalogue, sentence, context), sentence, catalogue)
    ]
    assert not missing, f"{len(missing)} sentences have no {lang} translation:\n" + "\n".join(missing)


def whole(entry: Message | None, sentence: str | tuple[str, ...], catalogue: Catalog) -> bool:
    """Whether there is a finished translation, with all its plural forms."""
    if entry is None or entry.fuzzy:
        return False
    if isinstance(sentence, tuple):
        return (
            isinstance(entry.string, tuple | list) and len(entry.string) == catalogue.num_plurals and all(entry.string)
        )
    return bool(entry.string) and all((entry.string,) if isinstance(entry.string, str) else entry.string or ())


@pytest.mark.parametrize("lang", TRANSLATED)
def test_translations_keep_their_places(lang: str) -> None:
    """A `{place}` that was lost or invented would show a brace or hide a number."""
    wrong = []
    for entry in text.catalogue(lang):
        ids = entry.id if isinstance(entry.id, tuple | list) else (entry.id,)
        strings = entry.string if isinstance(entry.string, tuple | list) else (entry.string,)
        allowed = {place for each in ids for place in PLACE.findall(each)}
        needed = set(PLACE.findall(ids[0])) if len(ids) == 1 else set[str]()
        wrong += [
            (each, string) for each, string in zip(ids[:1] * len(strings), strings, strict=True)
            if string and not needed <= set(PLACE.findall(string)) <= allowed
        ]  # fmt: skip
    assert not wrong, wrong


@pytest.mark.parametrize("path", sorted(LOCALE.rglob("*.po")), ids=lambda path: path.relative_to(LOCALE).as_posix())
def test_a_catalogue_is_finished(path: Path) -> None:
    """No fuzzy and no empty entry, the plural forms of the language, no sentence twice."""
    lang = path.parent.name
    with path.open("rb") as file:
        catalogue = read_po(file, locale=lang, abort_invalid=True)
    assert not [entry.id for entry in catalogue if entry.id and (entry.fuzzy or not entry.string)]
    ids = re.findall(r'^msgid "(?!"$)(.*)"$', path.read_text("utf-8"), re.MULTILINE)
    contexts = re.findall(r"^msgctxt", path.read_text("utf-8"), re.MULTILINE)
    assert contexts or len(ids) == len(set(ids)), [each for each in ids if ids.count(each) > 1]


def test_the_extraction_finds_what_it_should() -> None:
    """A broken extraction would make this whole file pass."""
    places = {
        where.split(":")[0].split("/")[0] + "." + where.split(":")[0].rpartition(".")[2] for where, *_ in said_in_code()
    }
    assert {"geo.py", "maps.py", "maps.html", "maps.js", "api.py"} <= places
    assert len(said_in_code()) > 500
