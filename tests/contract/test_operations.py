"""Do the operating documents say what the program does: settings, first commands, container files?"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from geo.settings import PREFIX, SHELL_ONLY, Settings
from geo.store.check import CHECKS
from geo.store.cluster_config import OWNER

CHECKOUT = Path(__file__).resolve().parents[2]
SETTINGS = {PREFIX + name.upper() for name in Settings.model_fields}


def read(name: str) -> str:
    return (CHECKOUT / name).read_text(encoding="utf-8")


def test_the_first_two_commands_of_the_readme_are_the_two_that_matter() -> None:
    blocks = re.findall(r"^```[a-z]*\n(.*?)\n```$", read("README.md"), re.MULTILINE | re.DOTALL)
    assert blocks[:2] == ["./run", "./run test"]


def test_every_setting_is_described_once_and_none_is_invented() -> None:
    rows = [line for line in read("docs/operations.md").splitlines() if line.startswith("| `OKRUGA_")]
    described = [name for row in rows for name in re.findall(r"`(OKRUGA_[A-Z_]+)`", row.split("|")[1])]
    assert sorted(described) == sorted(SETTINGS)


@pytest.mark.parametrize("name", ["docs/operations.md", "compose.yaml", "Dockerfile", "run", "README.md"])
def test_no_document_names_a_setting_that_does_not_exist(name: str) -> None:
    named = set(re.findall(r"\bOKRUGA_[A-Z_]+\b", read(name)))
    assert named <= SETTINGS | SHELL_ONLY | {"OKRUGA_DB_PASSWORD"}  # the last one belongs to compose alone


def test_the_container_database_is_made_by_the_owner_the_program_expects() -> None:
    assert f"POSTGRES_USER: {OWNER}" in read("compose.yaml")


@pytest.mark.parametrize("name", ["run", ".ci/run"])
def test_the_commands_can_be_started(name: str) -> None:
    assert (CHECKOUT / name).stat().st_mode & 0o111
    shell = ["sh", "-n"] if name == "run" else ["bash", "-n"]
    subprocess.run([*shell, CHECKOUT / name], check=True)


@pytest.mark.parametrize(("lang", "words"), [("ru", "запустить сервис"), ("en", "start the service")])
def test_help_needs_nothing_installed_and_speaks_both_languages(tmp_path: Path, lang: str, words: str) -> None:
    bare = tmp_path / "a checkout"
    bare.mkdir()
    (bare / "run").write_bytes((CHECKOUT / "run").read_bytes())
    done = subprocess.run(
        ["sh", str(bare / "run"), "help"],
        env={"PATH": "/usr/bin:/bin", "OKRUGA_LANG": lang},
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    assert words in done.stdout
    assert list(bare.iterdir()) == [bare / "run"]


def test_without_rights_the_missing_packages_are_named_in_one_sentence(tmp_path: Path) -> None:
    """A machine with a shell and nothing else: the PATH holds only what a minimal system has."""
    bare = tmp_path / "checkout"
    bare.mkdir()
    (bare / "run").write_bytes((CHECKOUT / "run").read_bytes())
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "dirname", "readlink", "sed", "grep", "id", "cat", "cksum"):
        (programs / name).symlink_to(Path("/bin") / name if (Path("/bin") / name).exists() else Path("/usr/bin") / name)
    done = subprocess.run(
        ["/bin/sh", str(bare / "run")],
        env={"PATH": str(programs), "OKRUGA_NO_INSTALL": "1", "OKRUGA_LANG": "en"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "python3 python3-venv" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_every_check_has_a_russian_title_and_remedy() -> None:
    with (CHECKOUT / "maps" / "locale" / "ru" / "setup.po").open("rb") as file:
        said = {str(message.id): message.string for message in read_po(file) if message.id}
    for each in CHECKS:
        assert said.get(each.title), each.title
        assert said.get(each.remedy), each.remedy


def test_locks_pin_every_package_by_hash_and_name_no_place() -> None:
    for name in ("requirements.lock", "requirements-test.lock", "requirements-setup.lock"):
        text = read(name)
        assert "://" not in text, name
        packages = re.split(r"\n(?=\S)", text.strip())
        assert all("==" in package and "--hash=sha256:" in package for package in packages), name
