"""Does each check notice the damage it is for? Every database here is really damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from geo.settings import Settings
from geo.store import check
from geo.store.check import CHECKS, Outcome, examine
from geo.store.embedded import OWNER, Cluster


def outcomes(url: str, tmp_path: Path, **named: object) -> dict[str, Outcome]:
    settings = Settings(database_url=url, data_dir=tmp_path, **named)  # type: ignore[arg-type]
    return {outcome.name: outcome for outcome in examine(settings)}


def owner_runs(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_a_sound_installation_passes_every_check(database_url: str, tmp_path: Path) -> None:
    found = outcomes(database_url, tmp_path)
    assert list(found) == [each.name for each in CHECKS]
    assert {name for name, outcome in found.items() if outcome.state != "ok"} <= {"disk_space"}
    assert all(outcome.remedy is None for outcome in found.values() if outcome.state == "ok")


@pytest.mark.parametrize(
    ("grant", "said"),
    [
        ("GRANT SELECT ON okruga.entry TO okruga_reader", "can read okruga.entry"),
        ("GRANT SELECT (id) ON okruga.entry TO okruga_reader", "can read okruga.entry"),
        ("GRANT UPDATE (title) ON okruga.entry TO okruga_reader", "can write okruga.entry"),
    ],
)
def test_a_right_given_by_hand_is_noticed(fresh_database: str, tmp_path: Path, grant: str, said: str) -> None:
    owner_runs(fresh_database, "GRANT USAGE ON SCHEMA okruga TO okruga_reader", grant)
    outcome = outcomes(fresh_database, tmp_path)["public_role"]
    assert (outcome.state, said in str(outcome.detail)) == ("fail", True)
    assert outcome.remedy is not None


def test_public_views_that_cannot_be_read_are_noticed(fresh_database: str, tmp_path: Path) -> None:
    owner_runs(fresh_database, "REVOKE ALL ON ALL TABLES IN SCHEMA published FROM okruga_reader")
    assert outcomes(fresh_database, tmp_path)["public_role"].state == "fail"


@pytest.mark.parametrize(
    "damage",
    ["UPDATE okruga.schema_version SET version_num = '0000'", "COMMENT ON SCHEMA published IS 'of another version'"],
)
def test_tables_of_another_version_are_noticed(fresh_database: str, tmp_path: Path, damage: str) -> None:
    owner_runs(fresh_database, damage)
    found = outcomes(fresh_database, tmp_path)
    assert found["migrations"].state == "fail"
    assert "public_role" not in found, "a check that could only repeat the failure is left out"


def test_a_missing_search_extension_is_noticed(fresh_database: str, tmp_path: Path) -> None:
    owner_runs(fresh_database, "DROP EXTENSION pg_trgm CASCADE")
    assert outcomes(fresh_database, tmp_path)["trigrams"].state == "fail"


@pytest.mark.parametrize(
    ("locale", "state"),
    [("LOCALE_PROVIDER libc LOCALE 'C'", "fail"), ("LOCALE_PROVIDER libc LOCALE 'C.UTF-8'", "warn")],
)
def test_a_database_that_does_not_know_cyrillic_is_noticed(
    cluster: Cluster, tmp_path: Path, locale: str, state: str
) -> None:
    name = "test_letters_" + state
    with create_engine(cluster.dsn("postgres", OWNER), isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {locale}"))
    try:
        assert outcomes(cluster.dsn(name, OWNER), tmp_path)["letters"].state == state
    finally:
        cluster.drop_database(name)


def test_a_database_that_does_not_answer_is_asked_once(tmp_path: Path) -> None:
    found = outcomes(f"postgresql://nobody@/okruga?host={tmp_path}", tmp_path)
    assert found["database_answers"].state == "fail"
    assert set(found) == {"programs", "disk_space", "database_answers"}


def test_a_read_address_that_is_no_replica_is_a_warning(database_url: str, tmp_path: Path) -> None:
    assert outcomes(database_url, tmp_path, read_url=database_url)["replica"].state == "warn"


def test_a_wrong_folder_of_programs_is_noticed(tmp_path: Path) -> None:
    settings = Settings(postgres_bin=str(tmp_path), data_dir=tmp_path)
    programs = next(each for each in CHECKS if each.name == "programs")
    [outcome] = examine(settings, [programs])
    assert (outcome.state, outcome.remedy is not None) == ("fail", True)


@pytest.mark.parametrize(("least", "state"), [(10**9, "fail"), (0, "warn")])
def test_a_full_disk_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: int, state: str) -> None:
    monkeypatch.setattr(check, "LEAST_FREE_MB", least)
    monkeypatch.setattr(check, "LEAST_FREE_SHARE", 1.0)
    disk = next(each for each in CHECKS if each.name == "disk_space")
    [outcome] = examine(Settings(data_dir=tmp_path / "not" / "made" / "yet"), [disk])
    assert outcome.state == state
