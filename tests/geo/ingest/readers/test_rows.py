"""Does checking a column give what checking each row gives, are rules kept, and is nothing lost on the way?"""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from geo.errors import BadInput
from geo.ingest.check import Checked
from geo.ingest.columns import Mapping, map_columns
from geo.ingest.findings import Severity
from geo.ingest.incoming import MODELS, EventRow, NeedRow, ObservationRow, PopulationRow, ProjectRow
from geo.ingest.rows import validate
from geo.ingest.table import Table, text_frame
from geo.ingest.values import Wrong


def table_of(columns: dict[str, list[str]]) -> Table:
    count = len(next(iter(columns.values())))
    return Table("list.csv", text_frame(columns, count), np.arange(2, count + 2, dtype=np.int64), format="csv")


def check(register: str, columns: dict[str, list[str]], **options: Any) -> Checked:
    table = table_of(columns)
    return validate(register, table, map_columns(register, table.columns), **options)


def rows_of(checked: Checked) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in row.items() if value not in (None, {}, [])}
        for batch in checked.batches()
        for row in batch
    ]


# --- columns and rows agree ------------------------------------------------------------------------------------------

CELLS = st.sampled_from([
    "", " ", "5", "5,5", "1 473", "не менее 140", "31.12.2024", "2024", "31.02.2024", "открыта", "решена", "завершён",
    "дороги", "ЖКХ", "космос", "да", "нет", "51.5", "46.0", "95", "-200", "inf", "NaN", "текст", "https://a.example",
    "10,005",
    "=1+1", "100 руб.", "X1;X2", "RUB", "a" * 600, "опрос", "очно", "#ЗНАЧ!", "03/04/2024", "итого",
])  # fmt: skip
KEPT_APART = {"geometry", "wkt", "coordinates", "extra", "lat", "lon"}


@pytest.mark.parametrize("register", ["needs", "projects", "events", "organisations", "observations", "population"])
@settings(max_examples=40)
@given(data=st.data())
def test_a_column_and_a_single_row_agree(register: str, data: st.DataObject) -> None:
    """The vectorised check accepts exactly the rows the model of a request accepts, with the same values."""
    aliases = [alias for alias in MODELS[register].kinds() if alias not in KEPT_APART]
    chosen = data.draw(st.lists(st.sampled_from(aliases), min_size=1, max_size=6, unique=True))
    chosen += [name for name in MODELS[register].needed if name not in chosen]
    raw = [{alias: data.draw(CELLS) for alias in chosen} for _ in range(4)]
    table = table_of({alias: [row[alias] for row in raw] for alias in chosen})
    checked = validate(register, table, Mapping({alias: alias for alias in chosen}))
    accepted = dict(zip(checked.numbers.tolist(), checked.models(), strict=True))
    for number, row in enumerate(raw, start=2):
        single = alone(register, row)
        assert (number in accepted) == (single is not None), (row, checked.findings.to_json())
        if single is not None:
            assert same_values(single, accepted[number]), row


def alone(register: str, row: dict[str, str]) -> Any:
    """The row as a request; None when it is refused. An unknown theme and a caption are decided for tables only."""
    if any(cell.strip().casefold() == "итого" for cell in list(row.values())[:3]):
        return None
    try:
        odd = {"theme": ODD_THEMES, "secondary_themes": {*ODD_THEMES, "a" * 600}}
        known = {k: v for k, v in row.items() if v not in odd.get(k, ())}
        return MODELS[register].model_validate(known)
    except ValidationError:
        return None


ODD_THEMES = {
    cell for cell in CELLS.elements  # type: ignore[attr-defined]
    if cell.strip() and cell not in ("дороги", "ЖКХ") and len(cell) < 100  # a longer one is refused as any text is
}  # fmt: skip


def same_values(single: Any, of_column: Any) -> bool:
    for name in type(single).model_fields:
        one, other = getattr(single, name, None), getattr(of_column, name, None)
        if name in KEPT_APART | {"period_from", "period_to"} or (name == "theme" and one is None):
            continue
        if one != other and not (one in (None, []) and other in (None, [])):
            return False
    return True


# --- the models of requests ------------------------------------------------------------------------------------------


def test_a_request_body() -> None:
    need = NeedRow.model_validate({
        "title": "Свет", "theme": "Уличное освещение", "status": "open", "lat": 51.5, "lon": "46,03",
        "reported_on": "31.12.2024",
        "affected_people": 12, "public_object": True,
    })  # fmt: skip
    assert need.theme == "street_lighting"
    assert (need.lat, need.lon, need.affected_people, need.public_object) == (51.5, 46.03, 12, True)
    assert need.reported_on == datetime.date(2024, 12, 31)


def test_an_unknown_field_is_not_swallowed() -> None:
    with pytest.raises(ValidationError, match="colour"):
        NeedRow.model_validate({"title": "x", "colour": "red"})


def test_the_sentence_of_a_refused_field_is_at_hand() -> None:
    with pytest.raises(ValidationError) as refused:
        NeedRow.model_validate({"title": "x", "status": "неведомо"})
    (error,) = refused.value.errors()
    assert error["loc"] == ("status",)
    wrong = error["ctx"]["error"]
    assert isinstance(wrong, Wrong)
    assert wrong.message.params["value"] == "неведомо"


def test_a_shape_in_a_request_is_geojson() -> None:
    need = NeedRow.model_validate({"title": "x", "geometry": {"type": "Point", "coordinates": [46, 51.5]}})
    assert shapely.equals(need.geometry, shapely.Point(46, 51.5))
    with pytest.raises(ValidationError, match="no geometry type"):
        NeedRow.model_validate({"title": "x", "geometry": {"type": "Blob"}})


def test_money_comes_in_major_units_and_is_held_in_minor_ones() -> None:
    project = ProjectRow.model_validate({"title": "x", "total_cost": 1234.56, "funding_regional": "1 000,00"})
    assert (project.total_cost_minor, project.funding_regional_minor) == (123456, 100000)


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (ProjectRow, {"title": "x", "total_cost": 10, "funding_regional": 9, "funding_residents": 2}),
        (ProjectRow, {"title": "x", "starts_on": "2024-02-01", "completed_on": "2024-01-01"}),
        (PopulationRow, {"territory": "x", "year": 2024}),
        (PopulationRow, {"territory": "x", "year": 2024, "residents": 5, "residents_16": 6}),
        (NeedRow, {"theme": "roads_sidewalks"}),
    ],
)
def test_contradictions_are_refused(model: Any, body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(body)


def test_labour_is_not_money() -> None:
    body = {"title": "x", "total_cost": 10, "funding_regional": 10, "funding_labour": 5, "funding_in_kind": 5}
    assert ProjectRow.model_validate(body).funding_labour_minor == 500


def test_a_count_brings_its_qualifier() -> None:
    event = EventRow.model_validate({"title": "x", "participants": "не менее 140 человек"})
    assert (event.participants, event.count_qualifier) == (140, "at_least")
    stated = EventRow.model_validate({"title": "x", "participants": "около 140", "count_qualifier": "точно"})
    assert stated.count_qualifier == "exact"
    checked = check(
        "events", {"title": ["a", "b"], "participants": ["более 10", "5"], "count_qualifier": ["", "около"]}
    )
    assert [row.get("count_qualifier") for row in rows_of(checked)] == ["at_least", "about"]


def test_an_observation_of_a_year_is_a_period() -> None:
    checked = check("observations", {"measure": ["participants"], "year": ["2024"], "value": ["свыше 100 000"]})
    (row,) = rows_of(checked)
    assert (row["period_from"], row["period_to"]) == (datetime.date(2024, 1, 1), datetime.date(2024, 12, 31))
    assert (row["value"], row["count_qualifier"]) == (100_000, "at_least")
    assert ObservationRow.model_validate({"measure": "m", "value": "5"}).title == "m"


# --- tables ----------------------------------------------------------------------------------------------------------


def test_nothing_is_lost() -> None:
    checked = check(
        "needs", {"title": ["a", "", "c"], "Примечание": ["x", "y", ""], "status": ["открыта", "открыта", "?"]}
    )
    assert checked.read == len(checked) + len(checked.rejected) == 3
    assert rows_of(checked) == [{"title": "a", "status": "open", "extra": {"Примечание": "x"}}]
    assert checked.rejected.frame["Примечание"].tolist() == ["y", ""]
    assert [len(reasons) for reasons in checked.rejected.reasons] == [1, 1]


def test_a_missing_column_is_named_before_any_row() -> None:
    with pytest.raises(BadInput, match="title"):
        check("needs", {"а": ["1"], "б": ["2"]})


def test_the_description_stands_in_for_a_title() -> None:
    checked = check("needs", {"title": ["", "b"], "description": ["Первая строка\nвторая", "x"]})
    assert [row["title"] for row in rows_of(checked)] == ["Первая строка", "b"]
    assert len(check("needs", {"description": ["Только описание"]})) == 1


def test_an_unknown_theme_is_kept_visibly() -> None:
    checked = check("needs", {"title": ["a", "b"], "theme": ["космос", "дороги"]})
    first, second = rows_of(checked)
    assert (first["theme"], first["extra"]) == ("other", {"theme (source)": "космос"})
    assert "extra" not in second
    assert checked.findings.count("theme_unknown") == 1


def test_a_column_of_american_dates() -> None:
    checked = check("needs", {"title": ["a", "b"], "reported_on": ["01/02/2015 09:28:21 AM", "01/31/2015 10:00:00 PM"]})
    assert [row["reported_on"].isoformat() for row in rows_of(checked)] == ["2015-01-02", "2015-01-31"]
    undecided = check("needs", {"title": ["a", "b"], "reported_on": ["01/02/2015", "03/04/2015"]})
    assert undecided.findings.count("date_two_readings") == 2


def test_exchanged_columns_are_offered_and_exchanged_rows_refused() -> None:
    town = (45.8, 51.3, 46.2, 51.7)
    lat, lon = ["46.0", "46.1", "46.05"], ["51.5", "51.4", "51.6"]
    offered = check("needs", {"title": list("abc"), "lat": lat, "lon": lon}, expected=town)
    assert offered.findings.blocks_file
    accepted = check("needs", {"title": list("abc"), "lat": lat, "lon": lon}, expected=town, accept=True)
    assert [row["lat"] for row in rows_of(accepted)] == [51.5, 51.4, 51.6]
    single = check(
        "needs",
        {"title": list("abcd"), "lat": ["51.5", "51.4", "51.6", "46"], "lon": ["46.0", "46.1", "46.1", "51.5"]},
        expected=town,
    )
    assert single.rejected.numbers.tolist() == [5]


def test_half_a_place_is_told() -> None:
    checked = check("needs", {"title": ["a", "b", "c"], "lat": ["51.5", "51.5", ""], "lon": ["46", "", ""]})
    assert [finding.row for finding in checked.findings if finding.code == "coordinate_alone"] == [3]
    assert [sorted(row) for row in rows_of(checked)] == [["lat", "lon", "title"], ["title"], ["title"]]


def test_metres_in_coordinate_columns_are_offered() -> None:
    from pyproj import Transformer

    from geo.ingest.crs import system

    x, y = Transformer.from_crs(4326, system(28408), always_xy=True).transform([46.0, 46.1], [51.5, 51.4])
    columns = {"title": ["a", "b"], "lon": [f"{value:.2f}" for value in x], "lat": [f"{value:.2f}" for value in y]}
    checked = check("needs", columns, expected=(45.8, 51.3, 46.2, 51.7))
    assert [(offer.kind, offer.value) for offer in checked.offers] == [("crs", "EPSG:28408")]
    assert rows_of(checked)[0]["lat"] == pytest.approx(51.5, abs=1e-6)


def test_many_bad_rows_cost_little_and_are_all_counted() -> None:
    checked = check("needs", {"title": ["lamp"] * 5_000, "status": ["?"] * 5_000})
    assert len(checked.rejected) == checked.findings.count("need_status_unknown") == 5_000
    kept = [finding for finding in checked.findings if finding.code == "need_status_unknown"]
    assert len(kept) == checked.findings.keep < 5_000
    assert all(len(reasons) == 1 for reasons in checked.rejected.reasons)


def test_a_report_has_the_promised_shape() -> None:
    report = check("needs", {"title": ["a", ""], "lat": ["51.5", ""], "lon": ["46", ""]}).report("list.csv").to_json()
    assert list(report) == [
        "file", "register", "committed", "read", "accepted", "repaired", "rejected", "changes", "offered", "placed",
        "findings",
        "findings_total", "seconds",
    ]  # fmt: skip
    assert (report["read"], report["accepted"], report["rejected"]) == (2, 1, 1)
    assert report["changes"] == {"new": 0, "changed": 0, "same": 0, "gone": 0}
    assert report["offered"] == {"crs": None, "encoding": None, "swap": False}
    assert report["findings"][0] == {
        "severity": "block", "code": "missing", "row": 3, "field": "title", "value": "",
        "message": "The row has no title.",
        "remedy": "Fill it in, or name the column that holds it with --map.",
    }  # fmt: skip


# --- both coordinates in one column ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "text", "lat", "lon"),
    [
        ("Координаты", "52.01, 51.12", 52.01, 51.12),  # both orders are possible: latitude first, as people write
        ("Координаты", "51,12; 52,01", 51.12, 52.01),
        ("Координаты", "131.88, 43.12", 43.12, 131.88),  # only the other order lies on land
        ("coords", "37.61, 55.75", 55.75, 37.61),  # only the other order lies in the countries served
        ("Координаты (долгота, широта)", "52.01, 51.12", 51.12, 52.01),
        ("Координаты", "54°37′37″ с.ш. 39°42′15″ в.д.", 54.626944, 39.704167),
        ("Ссылка на карту", "https://yandex.ru/maps/?ll=37.6173%2C55.7558&z=12", 55.7558, 37.6173),
        ("Координаты", "POINT (46.03 51.53)", 51.53, 46.03),
        ("geo_point_2d", "48.8566, 2.3522", 48.8566, 2.3522),
    ],
)
@pytest.mark.parametrize("register", ["projects", "needs", "events", "organisations"])
def test_both_coordinates_in_one_column(register: str, heading: str, text: str, lat: float, lon: float) -> None:
    checked = check(register, {"Название": ["Двор"], heading: [text]})
    assert [(row["lat"], row["lon"]) for row in rows_of(checked)] == [(lat, lon)]
    told = [finding for finding in checked.findings if finding.code == "coordinates_read"]
    assert [finding.message.params["text"] for finding in told] == [text]


def test_pairs_are_turned_only_when_only_that_fits_the_place() -> None:
    """The box of the territory decides before the outline of the countries served."""
    pairs = {"Название": ["Двор", "Парк"], "Координаты": ["49.11, 55.79", "49.12, 55.80"]}
    kazan = check("needs", pairs, expected=(48.8, 55.6, 49.4, 56.0))
    assert [(row["lat"], row["lon"]) for row in rows_of(kazan)] == [(55.79, 49.11), (55.80, 49.12)]
    assert kazan.findings.count("coordinates_read", Severity.WARN) == 1


def test_columns_of_their_own_go_before_a_pair() -> None:
    columns = {
        "Название": ["а", "б"],
        "Широта": ["51.5", ""],
        "Долгота": ["46.0", ""],
        "Координаты": ["51.6, 46.1"] * 2,
    }
    assert [(row["lat"], row["lon"]) for row in rows_of(check("needs", columns))] == [(51.5, 46.0), (51.6, 46.1)]


@pytest.mark.parametrize("text", ["у школы", "12", "https://yandex.ru/maps/-/CDxyz", "5712345.1, 4527123.4"])
def test_what_is_no_pair_is_refused_with_a_remedy(text: str) -> None:
    checked = check("needs", {"Название": ["Двор"], "Координаты": [text]})
    assert len(checked) == 0
    assert [finding.code for finding in checked.findings if finding.remedy.msgid] == ["coordinates"]


def test_zeros_are_no_place() -> None:
    columns = {"Название": ["а", "б"], "Широта": ["0", "51.5"], "Долгота": ["0", "46.0"], "Адрес": ["ул. Мира, 5", ""]}
    checked = check("needs", columns)
    assert [row.get("lat") for row in rows_of(checked)] == [None, 51.5]
    assert checked.findings.count("null_island") == 1
