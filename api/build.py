"""Which build of the program is this? A digest of its code, templates and catalogues.

It stands in every ETag beside the version of the data: an upgrade changes pages as surely as a load does.
"""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGES = Path(__file__).resolve().parent.parent
PARTS = ("api", "geo", "maps")
SUFFIXES = {".py", ".html", ".po", ".js", ".css", ".sql", ".txt"}


@cache
def build() -> str:
    """Twelve characters; the same code gives the same ones on every machine."""
    digest = hashlib.sha256()
    for part in PARTS:
        for path in sorted((PACKAGES / part).rglob("*")):
            if path.suffix in SUFFIXES:
                digest.update(path.relative_to(PACKAGES).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def release() -> str:
    """The version of the program: of the installed package, or of the checkout it runs from."""
    try:
        return metadata.version("okruga")
    except metadata.PackageNotFoundError:
        project = tomllib.loads((PACKAGES / "pyproject.toml").read_text("utf-8"))["project"]
        return str(project["version"])
