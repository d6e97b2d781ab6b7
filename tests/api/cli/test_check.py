"""Does `okruga check` say in both languages, and to programs, what it found, without showing passwords?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli.check import check, hidden
from geo.settings import settings
from maps import assets


@pytest.fixture
def okruga_check(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("OKRUGA_DATABASE_URL", database_url)
    monkeypatch.setenv("OKRUGA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("OKRUGA_OIDC_CLIENT_SECRET", "tell-nobody")
    settings.cache_clear()
    return CliRunner()


@pytest.fixture(autouse=True)
def settings_of_the_next_test() -> Iterator[None]:
    yield
    settings.cache_clear()


def test_a_sound_installation_is_told_in_russian(okruga_check: CliRunner) -> None:
    result = okruga_check.invoke(check, [])
    assert result.exit_code == 0, result.output
    assert "OK    База отвечает: PostgreSQL" in result.output
    assert "FAIL" not in result.output
    assert "OKRUGA_OIDC_CLIENT_SECRET=***  (среда)" in result.output
    assert "tell-nobody" not in result.output
    assert "OKRUGA_PORT=8000  (по умолчанию)" in result.output


def test_programs_read_the_same_as_json(okruga_check: CliRunner) -> None:
    report = json.loads(okruga_check.invoke(check, ["--format", "json"]).output)
    assert {each["name"] for each in report["checks"]} >= {"database_answers", "migrations", "page_files"}
    assert {each["state"] for each in report["checks"]} <= {"ok", "warn"}
    assert report["settings"]["oidc_client_secret"] == {"value": "***", "origin": "environment"}


def test_a_failure_names_its_remedy_and_fails_the_command(
    okruga_check: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "static"
    shutil.copytree(assets.STATIC, broken)
    (broken / "net.js").unlink()  # other modules import it
    monkeypatch.setattr(assets, "STATIC", broken)
    assets.names.cache_clear()
    assets.asset.cache_clear()
    try:
        result = okruga_check.invoke(check, [])
    finally:
        assets.names.cache_clear()
        assets.asset.cache_clear()
    assert result.exit_code == 1
    assert "FAIL  Файлы страниц на месте" in result.output
    assert "→ Установите программу заново" in result.output


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("database_url", "postgresql://okruga:p:4/ss@db/okruga", "postgresql://okruga:***@db/okruga"),
        ("smtp_url", "smtp://mail.example:25", "smtp://mail.example:25"),
        ("oidc_client_secret", "x", "***"),
        ("oidc_client_secret", "", ""),
    ],
)
def test_passwords_are_blotted_out(name: str, value: str, shown: str) -> None:
    assert hidden(name, value) == shown
