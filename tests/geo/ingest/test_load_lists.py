"""Lists in: entries, places, money, channels, links; the same file twice; what the public may see of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tests.geo.ingest.making import Desk, box, changes, codes, geojson, point

NEEDS = [
    {
        "id": "n1",
        "title": "Яма на тротуаре",
        "theme": "roads_sidewalks",
        "status": "open",
        "priority": "high",
        **point(0.5),
    },
    {"id": "n2", "title": "Темно во дворе", "theme": "street_lighting", "status": "answered", **point(1.5)},
]


def placed(desk: Desk, register: str) -> dict[str, list[str]]:
    """Key -> codes of the territories the entry counts in."""
    rows = desk.all(
        "SELECT e.key, array_agg(DISTINCT t.code ORDER BY t.code) AS codes FROM okruga.entry e"
        " JOIN okruga.place p ON p.entry_id = e.id JOIN okruga.boundary b ON b.id = ANY (p.placed)"
        " JOIN okruga.territory t ON t.id = b.territory_id WHERE e.register = :register GROUP BY e.key",
        register=register,
    )
    return {row.key: list(row.codes) for row in rows}


def test_points_get_their_territories_computed(city: Desk) -> None:
    loaded = city.rows("needs", NEEDS)
    assert placed(city, "need") == {"n1": ["a", "gorod", "t", "town"], "n2": ["b", "gorod", "town"]}
    assert loaded.report.placed["inside"] == 2
    rows = city.all("SELECT DISTINCT import_run_id, source_row, moderation_state FROM okruga.entry ORDER BY source_row")
    assert [tuple(row) for row in rows] == [(loaded.run, 2, "published"), (loaded.run, 3, "published")]


def test_the_same_file_again_writes_nothing(city: Desk) -> None:
    city.rows("needs", NEEDS)
    runs = city.count("okruga.import_run")
    again = city.rows("needs", NEEDS)
    assert changes(again) == (0, 0, 2, 0)
    assert again.run is None
    assert again.report.committed
    assert city.count("okruga.import_run") == runs


def test_a_changed_row_keeps_its_entry(city: Desk) -> None:
    city.rows("needs", NEEDS)
    before = city.one("SELECT id FROM okruga.entry WHERE key = 'n1'")
    moved = [{**NEEDS[0], "title": "Большая яма", **point(1.2)}, NEEDS[1]]
    loaded = city.rows("needs", moved)
    assert changes(loaded) == (0, 1, 1, 0)
    assert city.all("SELECT id, title, import_run_id FROM okruga.entry WHERE key = 'n1'") == [
        (before, "Большая яма", loaded.run)
    ]
    assert placed(city, "need")["n1"] == ["b", "gorod", "town"]
    assert city.count("okruga.place") == 2
    assert city.count("okruga.need") == 2


def test_gone_rows_are_told_and_deleted_only_on_request(city: Desk) -> None:
    city.rows("needs", NEEDS)
    told = city.rows("needs", NEEDS[:1])
    assert changes(told) == (0, 0, 1, 1)
    assert told.run is None
    assert city.count("okruga.entry") == 2
    removed = city.rows("needs", NEEDS[:1], delete_gone=True)
    assert removed.run is not None
    assert [city.count(f"okruga.{name}") for name in ("entry", "place", "need")] == [1, 1, 1]


def test_the_public_sees_needs_by_hexagon_unless_the_object_is_public(city: Desk) -> None:
    city.rows("needs", [NEEDS[0], {**NEEDS[1], "public_object": "да"}])
    rows = city.all(
        "SELECT e.key, p.public_precision, ST_Distance(p.geom::geography, p.public_geom::geography) AS metres,"
        " p.public_placed <> p.placed AS less FROM okruga.place p JOIN okruga.entry e ON e.id = p.entry_id ORDER BY 1"
    )
    assert [(row.key, row.public_precision) for row in rows] == [("n1", "hexagon"), ("n2", "exact")]
    assert 0 < rows[0].metres < 250
    assert rows[1].metres == 0
    # 0.9 km² and less would give the place away
    assert rows[0].less
    assert not rows[1].less
    changed = city.rows("needs", [NEEDS[0], {**NEEDS[1], "public_object": "да"}], public_objects=True)
    assert changes(changed) == (0, 2, 0, 0)
    assert city.one("SELECT count(*) FROM okruga.place WHERE public_precision = 'exact'") == 2


def test_contacts_go_to_the_personal_schema_and_nowhere_else(city: Desk) -> None:
    canary = {
        "contact_name": "Канарейкин Пётр",
        "contact_phone": "+7 900 000-00-00",
        "contact_email": "canary@example.org",
    }
    city.rows("needs", [{**NEEDS[0], **canary}, NEEDS[1]])
    assert [tuple(row) for row in city.all("SELECT name, phone, email FROM personal.contact")] == [
        tuple(canary.values())
    ]
    for (name,) in city.all("SELECT tablename FROM pg_tables WHERE schemaname = 'okruga'"):
        assert (
            city.one(
                f"SELECT count(*) FROM okruga.{name} t WHERE t::text ILIKE '%canary%' OR t::text ILIKE '%Канарейкин%'"
            )
            == 0
        )
    with city.database.reading() as connection, pytest.raises(Exception, match="permission denied"):
        connection.execute(text("SELECT * FROM personal.contact"))


def test_names_alone_are_a_stated_placement(city: Desk) -> None:
    loaded = city.rows("projects", [
        {"id": "p1", "title": "Сквер", "settlement": "г. Тихий"},
        {"id": "p2", "title": "Тропа", "territory": "Второй округ"},
        {"id": "p3", "title": "Где-то", "territory": "Неведомый"},
        {"id": "p4", "title": "По адресу", "address": "ул. Лесная, 1"},
        {"id": "p5", "title": "Нигде"},
    ])  # fmt: skip
    rows = city.all(
        "SELECT e.key, p.match_level, p.certainty FROM okruga.entry e"
        " JOIN okruga.place p ON p.entry_id = e.id ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [
        ("p1", "settlement", "stated"), ("p2", "district", "stated"), ("p4", "none", "no_polygon"),
    ]  # fmt: skip
    assert placed(city, "project") == {"p1": ["gorod", "town"], "p2": ["b", "town"]}
    assert (loaded.report.placed["stated"], loaded.report.placed["no_place"]) == (2, 3)
    unknown = next(f for f in loaded.report.findings if f.code == "unknown_territory")
    assert (unknown.row, unknown.value) == (4, "Неведомый")


def test_a_name_that_becomes_known_changes_the_row(city: Desk) -> None:
    rows = [{"id": "p1", "title": "Сквер", "territory": "Третий округ"}]
    city.rows("projects", rows)
    assert placed(city, "project") == {}
    city.areas([({"code": "c", "name": "Третий округ"}, box(2, 3))])
    assert changes(city.rows("projects", rows)) == (0, 1, 0, 0)
    assert placed(city, "project") == {"p1": ["c"]}


def test_events_count_where_they_declare(city: Desk) -> None:
    city.rows("events", [
        {"id": "e1", "title": "Собрание", "event_kind": "residents_meeting", "starts_on": "2024-05-01",
         "territory": "a", **point(1.5),
         "participants": "не менее 120", "channel_vk": "20", "channel_face_to_face": "100"},
        {"id": "e2", "title": "Слушания", "event_kind": "public_hearing", "starts_on": "2024-05-02", **point(1.5)},
    ])  # fmt: skip
    assert placed(city, "event") == {"e1": ["a", "town"], "e2": ["b", "gorod", "town"]}
    assert city.all(
        "SELECT t.code, et.role FROM okruga.entry_territory et JOIN okruga.territory t ON t.id = territory_id"
    ) == [("a", "declared")]
    assert city.all("SELECT channel, participants FROM okruga.event_channel ORDER BY 1") == [
        ("face_to_face", 100),
        ("vk", 20),
    ]
    counted = city.all("SELECT participants, count_qualifier FROM okruga.event ORDER BY entry_id")
    assert [tuple(row) for row in counted] == [
        (120, "at_least"), (None, "exact"),
    ]  # fmt: skip


def test_projects_bring_money_needs_and_shapes(city: Desk) -> None:
    city.rows("needs", NEEDS)
    loaded = city.rows("projects", [
        {"id": "p1", "title": "Ремонт", "status": "completed", "completed_on": "2024-06-01",
         "funding_regional": "850 000,50", "funding_residents": "40000", "total_cost": "890000.50", "currency": "RUB",
         "answers_needs": "n1; n9", **point(0.5)},
        {"id": "p2", "title": "Тропа", "wkt": "LINESTRING (37.001 55.005, 37.019 55.005)",
         "planned_from": "2025-01-01"},
    ])  # fmt: skip
    assert city.all("SELECT funding_source, amount_minor FROM okruga.project_funding ORDER BY 1") == [
        ("regional", 85_000_050), ("residents", 4_000_000),
    ]  # fmt: skip
    assert city.one("SELECT n.key FROM okruga.project_need pn JOIN okruga.entry n ON n.id = need_id") == "n1"
    missing = next(f for f in loaded.report.findings if f.code == "unknown_need")
    assert (missing.row, missing.value) == (2, "n9")
    shares = city.all(
        "SELECT t.code, round(x.share::numeric, 2)::text FROM okruga.placement x"
        " JOIN okruga.boundary b ON b.id = boundary_id"
        " JOIN okruga.territory t ON t.id = b.territory_id WHERE b.kind = 'civic_district' ORDER BY 1"
    )
    assert [tuple(row) for row in shares] == [("a", "0.50"), ("b", "0.50")]
    assert city.one("SELECT begins_on::text FROM okruga.entry WHERE key = 'p2'") == "2025-01-01"
    assert city.all("SELECT key, status FROM okruga.entry WHERE register = 'project' ORDER BY 1") == [
        ("p1", "completed"), ("p2", "planned"),
    ]  # fmt: skip


def test_shapes_of_a_vector_file_are_places_too(city: Desk) -> None:
    import shapely

    file = geojson(city.path("geojson"), [
        ({"id": "p1", "title": "Парк"}, box(0.1, 0.3)), ({"id": "p2", "title": "Точка"}, shapely.Point(37.015, 55.005)),
    ])  # fmt: skip
    city.load(file, "projects")
    assert city.all("SELECT GeometryType(geom) FROM okruga.place ORDER BY id") == [("POLYGON",), ("POINT",)]
    assert {key: codes[0] for key, codes in placed(city, "project").items()} == {"p1": "a", "p2": "b"}


def test_an_id_repeated_with_other_places_is_one_entry(city: Desk) -> None:
    row = {"id": "g1", "title": "Группа", "status": "planned"}
    loaded = city.rows("projects", [{**row, **point(0.5)}, {**row, **point(1.5)}, {**row, **point(1.5)}])
    assert changes(loaded) == (1, 0, 0, 0)
    assert city.count("okruga.place") == 2
    assert placed(city, "project")["g1"] == ["a", "b", "gorod", "t", "town"]
    assert loaded.report.findings.count("repeated_row") == 1


def test_a_group_in_two_districts_known_by_name_is_one_entry(city: Desk) -> None:
    row = {"id": "g1", "title": "Группа", "status": "planned"}
    loaded = city.rows("projects", [{**row, "territory": "Первый округ"}, {**row, "territory": "Второй округ"}])
    assert changes(loaded) == (1, 0, 0, 0)
    assert placed(city, "project")["g1"] == ["a", "b", "town"]


def test_an_id_repeated_with_other_values_is_refused_with_its_row(city: Desk) -> None:
    loaded = city.rows("needs", [*NEEDS, {**NEEDS[0], "title": "Другое"}])
    finding = next(f for f in loaded.report.findings if f.code == "duplicate_key")
    assert (finding.row, finding.value) == (4, "n1")
    assert "2" in str(finding.message)
    assert (loaded.report.accepted, loaded.report.rejected) == (2, 1)


def test_rows_without_an_id_are_recognised_by_what_they_say(city: Desk) -> None:
    rows: list[dict[str, Any]] = [
        {"title": "Яма", **point(0.5)},
        {"title": "Яма", **point(1.5)},
        {"title": "Лужа", **point(0.5)},
    ]
    assert changes(city.rows("needs", rows)) == (3, 0, 0, 0)
    again = city.rows("needs", rows)
    assert changes(again) == (0, 0, 3, 0)
    assert "no_id" in codes(again)


def test_a_key_column_identifies_rows(city: Desk) -> None:
    city.rows("needs", [{"номер дела": "7/24", "title": "Яма", **point(0.5)}], key="номер дела")
    loaded = city.rows("needs", [{"номер дела": "7/24", "title": "Большая яма", **point(0.5)}], key="Номер дела")
    assert changes(loaded) == (0, 1, 0, 0)
    assert city.all("SELECT key FROM okruga.entry") == [("7/24",)]


def test_a_point_that_contradicts_its_district_is_told(city: Desk) -> None:
    loaded = city.rows("needs", [{**NEEDS[0], "territory": "Второй округ"}, {**NEEDS[1], "territory": "Второй округ"}])
    found = [f for f in loaded.report.findings if f.code == "other_territory"]
    assert [(f.row, str(f.message)) for f in found] == [
        (2, "The row says Второй округ, but its point lies in Первый округ.")
    ]


def test_a_pile_on_one_point_is_told(city: Desk) -> None:
    rows = [{"id": str(i), "title": f"Яма {i}", **point(0.5 if i < 25 else 0.6 + i / 100)} for i in range(60)]
    loaded = city.rows("needs", rows)
    finding = next(f for f in loaded.report.findings if f.code == "pile")
    assert finding.message.params["count"] == 25


def test_organisations_hold_mandates_and_a_persons_number_is_dropped(city: Desk) -> None:
    loaded = city.rows("organisations", [
        {"id": "o1", "title": "Совет", "organisation_kind": "base_organisation", "territory": "a; b",
         "inn": "7707083893"},
        {"id": "o2", "title": "Староста", "organisation_kind": "village_head", "inn": "500100732259"},
        {"id": "o3", "title": "Неизвестно что"},
    ])  # fmt: skip
    mandates = (
        "SELECT t.code, role FROM okruga.entry_territory JOIN okruga.territory t ON t.id = territory_id ORDER BY 1"
    )
    assert city.all(mandates) == [
        ("a", "mandate"), ("b", "mandate"),
    ]  # fmt: skip
    assert city.all("SELECT inn FROM okruga.organisation ORDER BY entry_id") == [("7707083893",), (None,)]
    assert "personal_inn" in codes(loaded)
    assert (loaded.report.rejected, loaded.rejected.numbers.tolist()) == (1, [4])
    assert city.count("okruga.place") == 0


def test_observations_are_stored_as_published(city: Desk) -> None:
    city.rows("observations", [
        {"id": "b1", "measure": "participants_share", "territory": "town", "year": 2023, "value": "24,35", "unit": "%",
         "numerator": 80494, "denominator": 330527, "base": "residents_16", "as_published": "24,35 %",
         "locator": "слайд 5"},
    ])  # fmt: skip
    row = city.all("SELECT value::text, numerator::int, as_published, base FROM okruga.observation")[0]
    assert tuple(row) == ("24.35", 80494, "24,35 %", "residents_16")
    assert city.one("SELECT begins_on::text || ends_on FROM okruga.entry") == "2023-01-012023-12-31"


def test_columns_beyond_the_fields_are_kept(city: Desk) -> None:
    city.rows("needs", [{**NEEDS[0], "Ответственный отдел": "ЖКХ", "пусто": ""}])
    kept = city.one("SELECT extra FROM okruga.entry")
    assert kept["Ответственный отдел"] == "ЖКХ"
    assert "пусто" not in kept


def test_one_value_for_all_rows(city: Desk) -> None:
    plain = [{"id": "1", "title": "Тротуар", **point(0.5)}]
    city.rows("needs", plain, constants={"theme": "roads_sidewalks", "channel": "website"})
    assert (
        city.one("SELECT e.theme || n.channel FROM okruga.entry e JOIN okruga.need n ON n.entry_id = e.id")
        == "roads_sidewalkswebsite"
    )


def test_rejected_rows_can_be_mended_and_loaded(city: Desk) -> None:
    loaded = city.rows("needs", [NEEDS[0], {**NEEDS[1], "reported_on": "вчера"}])
    assert loaded.report.rejected == 1
    mended = city.path("csv")
    loaded.rejected.write(mended)
    mended.write_text(mended.read_text(encoding="utf-8-sig").replace("вчера", "2024-05-01"), encoding="utf-8")
    again = city.load(mended, "needs")
    assert changes(again)[0] == 1
    assert city.one("SELECT count(*) FROM okruga.entry") == 2


def test_moderation_survives_a_new_load(city: Desk) -> None:
    city.rows("needs", NEEDS)
    with city.database.writing("moderator") as connection:
        connection.execute(text("UPDATE okruga.entry SET moderation_state = 'refused' WHERE key = 'n1'"))
    city.rows("needs", [{**NEEDS[0], "title": "Яма и лужа"}, NEEDS[1]])
    assert city.one("SELECT moderation_state FROM okruga.entry WHERE key = 'n1'") == "refused"


def test_two_sources_do_not_mix(city: Desk) -> None:
    city.rows("needs", NEEDS)
    other = city.rows("needs", [{**NEEDS[0], "title": "Из другого источника"}], source="other")
    assert changes(other) == (1, 0, 0, 0)
    assert city.count("okruga.entry") == 3


def test_hostile_text_is_only_text(city: Desk) -> None:
    nasty = """=cmd|' /C calc'!A0 "</script><script>alert(1)</script> {{7*7}} ${x} `y` \\ , ; 'z' %s {0}"""
    city.rows(
        "projects",
        [
            {
                "id": nasty[:50],
                "title": nasty,
                "description": nasty + "\nвторая строка",
                "initiator": nasty,
                nasty: nasty,
            }
        ],
    )
    row = city.all(
        "SELECT e.title, e.description, p.initiator, e.extra FROM okruga.entry e"
        " JOIN okruga.project p ON p.entry_id = e.id"
    )[0]
    assert (row.title, row.initiator) == (nasty, nasty)
    assert row.description.startswith(nasty)
    assert row.extra[nasty] == nasty


def test_what_is_not_used_is_always_told(city: Desk) -> None:
    loaded = city.rows("needs", [
        {"title": "Яма", **point(0.5), "CLOSED_DT": "2025-03-01", "Отдел": "ЖКХ", "пусто": ""},
        {"title": "Свет", **point(0.6), "CLOSED_DT": "", "Отдел": "ЖКХ", "пусто": ""},
    ])  # fmt: skip
    told = next(f for f in loaded.report.findings if f.code == "columns_unused")
    assert "Отдел" in str(told.message)
    assert "пусто" not in str(told.message)
    statuses = city.all("SELECT status FROM okruga.entry WHERE title IN ('Яма', 'Свет') ORDER BY title DESC")
    assert [row.status for row in statuses] == ["answered", "open"]


def test_money_in_thousands(city: Desk) -> None:
    city.rows("projects", [{"title": "Сквер", "Стоимость (тыс. руб.)": "150,5", **point(0.5)},
                           {"title": "Пруд", "Стоимость (тыс. руб.)": "2 млн руб.", **point(0.6)}])  # fmt: skip
    costs = city.all("SELECT total_cost_minor AS cost FROM okruga.project ORDER BY 1")
    assert [row.cost for row in costs] == [15_050_000, 200_000_000]


def test_a_sum_below_the_list_is_told_once(city: Desk) -> None:
    loaded = city.rows("needs", [{"№": 1, "title": "Яма"}, {"№": "Итого", "title": ""}])
    assert [f.code for f in loaded.report.findings if f.row == 3] == ["total_row"]
