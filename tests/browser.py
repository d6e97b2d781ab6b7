"""Which browser do the page tests drive? The list ./run looks through, then what it may have fetched."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def fetched() -> list[str]:
    """Browsers that the tests' own library has fetched, the newest first: Ubuntu has no package of Chromium."""
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    return sorted(map(str, folder.glob("chromium-*/chrome-linux*/chrome")), reverse=True)


@cache
def find_chromium() -> str | None:
    """Path of a Chromium that starts; on Ubuntu one of these names may be an empty stub."""
    for name in (*NAMES, *fetched()):
        path = shutil.which(name)
        if path and subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0:
            return path
    return None
