"""Which browser do the page tests drive? The list ./run looks through, then what it may have fetched."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

# the shell is the same engine without a window: it costs a machine of two cores a third less, and few packages
NAMES = (
    "chromium-headless-shell",
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
    programs = ("chromium_headless_shell-*/chrome-*/*headless*shell", "chromium-*/chrome-linux*/chrome")
    return [found for program in programs for found in sorted(map(str, folder.glob(program)), reverse=True)]


@cache
def find_chromium() -> str | None:
    """Path of a Chromium that starts; on Ubuntu one of these names may be an empty stub."""
    for name in (*NAMES, *fetched()):
        path = shutil.which(name)
        if path and subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0:
            return path
    return None
