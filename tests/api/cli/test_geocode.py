"""`okruga geocode`: a list in, the same list with places out; a stopped run goes on; stored rows are asked again."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from geo.batch import to_file
from tests.api.cli.conftest import Okruga

ADDRESSES = ["Воркута", "51.678, 47.623", "с. Глядень Благовещенского р-на", "Воркута", "=ЕМВА", "Нигдеград"]
GAZETTEER = "id,name,region,lat,lon,population\n1,Глядень,Благовещенский район,52.75,79.9,1100\n"


def listed(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def addresses(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["n", "адрес"], *([str(n), words] for n, words in enumerate(ADDRESSES))])
    return path


def test_a_list_gets_its_places(in_town: Okruga, addresses: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    ran = in_town("geocode", addresses, "--column", "Адрес", "--out", out)
    assert ran.status == 0, ran.err
    rows = listed(out)
    assert [row["n"] for row in rows] == [str(n) for n in range(len(ADDRESSES))]
    assert [row["status"] for row in rows][:4] == ["accepted", "accepted", "unmatched", "accepted"]
    assert rows[1]["match_level"] == "point" and "civic_district:d1" in rows[1]["territories"]
    assert "Глядень" in rows[2]["why"] and rows[2]["lat"] == ""
    assert rows[4]["адрес"] == "'=ЕМВА"
    assert sorted(path.name for path in tmp_path.glob("out.csv*")) == ["out.csv"]
    # without --out the same goes to standard output
    assert in_town("geocode", addresses).out.count("Воркута") >= 2
    assert in_town("geocode", addresses, "--out", addresses).status == 2
    assert in_town("geocode", addresses, "--column", "нет").status == 2
    assert in_town("geocode").status == 2


def test_a_stopped_run_goes_on(
    in_town: Okruga, addresses: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, out = tmp_path / "whole.csv", tmp_path / "out.csv"
    assert in_town("geocode", addresses, "--out", whole).status == 0
    monkeypatch.setattr(to_file, "PORTION", 2)
    written: list[int] = []
    with monkeypatch.context() as stopped:
        stopped.setattr(to_file, "with_answers", stop_after(2, written))
        assert in_town("geocode", addresses, "--out", out).status == 2
    assert len(written) == 2 and not out.exists()
    ran = in_town("geocode", addresses, "--out", out)
    assert ran.status == 0 and "behind row 4" in ran.err
    assert out.read_bytes() == whole.read_bytes()


def stop_after(portions: int, written: list[int]):  # type: ignore[no-untyped-def]
    plain = to_file.with_answers

    def stopping(rows, answers):  # type: ignore[no-untyped-def]
        if len(written) == portions:
            raise KeyboardInterrupt
        written.append(1)
        return plain(rows, answers)

    return stopping


def test_a_village_is_refused_until_its_list_is_loaded_then_offered(in_town: Okruga, tmp_path: Path) -> None:
    needs = tmp_path / "needs.csv"
    needs.write_text("id,title,address\n1,Мост,с. Глядень Благовещенского р-на\n", encoding="utf-8")
    assert in_town("load", "needs", needs, "--commit").status == 0
    before = json.loads(in_town("geocode", "--text", "с. Глядень Благовещенского р-на", "--format", "json").out)
    assert before["status"] == "unmatched" and before["why"]
    lists = tmp_path / "settlements.csv"
    lists.write_text(GAZETTEER, encoding="utf-8")
    loaded = in_town("load", "gazetteer", lists, "--commit")
    assert loaded.status == 0 and "--again" in loaded.err
    after = json.loads(in_town("geocode", "--text", "с. Глядень Благовещенского р-на", "--format", "json").out)
    assert (after["status"], after["match_level"]) == ("accepted", "settlement")
    trial = json.loads(in_town("geocode", "--again", "--format", "json").out)
    assert not trial["committed"]
    done = json.loads(in_town("geocode", "--again", "--commit", "--format", "json").out)
    assert done["changes"] == trial["changes"] and len(done["changes"]) == 1
    # the town is another municipality: found, but not where the rows of this installation are expected
    assert done["changes"][0]["status_after"] == "review"
    assert json.loads(in_town("geocode", "--again", "--format", "json").out)["changes"] == []


def test_the_state_address_register_gives_names_and_guids(in_town: Okruga, tmp_path: Path) -> None:
    delivery = Path(__file__).parents[2] / "fixtures" / "gar"
    trial = in_town("load", "gazetteer", delivery, "--region", "66", "--within", "65602000", "--format", "json")
    assert trial.status == 0, trial.err
    assert (json.loads(trial.out)["committed"], json.loads(trial.out)["accepted"]) == (False, 6)
    assert in_town("load", "gazetteer", delivery, "--region", "22").status == 2
    assert in_town("load", "gazetteer", delivery, "--commit").status == 0
    path = tmp_path / "list.csv"
    path.write_text('адрес\n"дер. Дальняя Заимка, ул. Центральная, 3"\nВоркута\n', encoding="utf-8")
    out = tmp_path / "out.csv"
    assert in_town("geocode", path, "--out", out).status == 0
    rows = listed(out)
    assert [row["status"] for row in rows] == ["review", "accepted"]
    assert [row["gar_guid"] for row in rows] == ["66000000-0000-4000-8000-0000000007d9", ""]
    assert "state address register" in rows[0]["why"] and rows[0]["lat"] == ""
