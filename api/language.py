"""In which language is this request answered? Pages say it in their path, programs in `lang=`."""

from __future__ import annotations

from fastapi import Request

from geo.settings import settings
from maps.text import DEFAULT_LANG, languages


def prefixes() -> tuple[str, ...]:
    """The languages that stand at the beginning of a page's path: all but the default one."""
    return tuple(lang for lang in languages() if lang != DEFAULT_LANG)


def of(request: Request) -> str:
    """The language of a request; an unknown one counts as not stated."""
    path = request.url.path
    for lang in prefixes():
        if path == f"/{lang}" or path.startswith(f"/{lang}/"):
            return lang
    asked = request.query_params.get("lang", "")
    if asked in languages():
        return asked
    return settings().lang if path.startswith(("/api", "/ogc")) else DEFAULT_LANG


def bare_path(request: Request) -> str:
    """The path of a page without its language: what the other languages' links are made of."""
    path = request.url.path
    for lang in prefixes():
        if path == f"/{lang}" or path.startswith(f"/{lang}/"):
            return path.removeprefix(f"/{lang}") or "/"
    return path
