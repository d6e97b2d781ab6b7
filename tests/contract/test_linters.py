"""Is the code what its checkers say it should be: style, types, and who may import whom?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent

CHECKS = {
    "ruff": [str(PROGRAMS / "ruff"), "check", "."],
    "mypy": [sys.executable, "-m", "mypy"],
    "import-linter": [str(PROGRAMS / "lint-imports"), "--no-cache"],
}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("check", CHECKS)
def test_the_code_passes(check: str) -> None:
    done = subprocess.run(CHECKS[check], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
