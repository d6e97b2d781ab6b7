"""Which figures did the founding programmes publish, and from which inputs? As published, with the place in the source.

Five programmes: the civic assembly of Serpukhov, support of local initiatives in Krasnoyarsk krai (ППМИ), ТОС of
Saratov oblast, initiative projects in public health, local communities of Kyrgyzstan. A figure keeps the text it
was printed as, its value in the unit printed, and numerator and denominator where they are published too, so that it
can be shown as published and as computed: 167 of 80,494 is 0.2075 %, the source prints 0.20. Where the source says
"more than", "almost" or "about", the qualifier says so; where it gives no base (Kodinsk), none is made up.

Places are named, not drawn: real boundaries are not part of the demo, so territories come as names without shapes.
Organisations are named as the programmes name them; no person is.

`python -m geo.demo.programmes [--out DIR]` writes the folder.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from geo.demo.files import Folder, Load, Row

FOLDER = Path(__file__).parents[2] / "data" / "boundaries" / "programmes"

# tables of figures: one row under the other
# fmt: off
# kind: (code, name, English name, parent, municipality form)
TERRITORIES: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
    "country": (("russia", "Россия", "Russia", "", ""), ("kyrgyzstan", "Кыргызстан", "Kyrgyzstan", "", "")),
    "region": (
        ("moskovskaya-oblast", "Московская область", "Moscow Oblast", "russia", ""),
        ("krasnoyarskiy-kray", "Красноярский край", "Krasnoyarsk Krai", "russia", ""),
        ("saratovskaya-oblast", "Саратовская область", "Saratov Oblast", "russia", ""),
        ("altayskiy-kray", "Алтайский край", "Altai Krai", "russia", ""),
        ("kemerovskaya-oblast", "Кемеровская область – Кузбасс", "Kemerovo Oblast – Kuzbass", "russia", ""),
        ("respublika-komi", "Республика Коми", "Komi Republic", "russia", ""),
    ),
    "municipality": (
        ("serpukhov", "Городской округ Серпухов", "Serpukhov", "moskovskaya-oblast", "urban_okrug"),
        ("minusinsk", "Город Минусинск", "Minusinsk", "krasnoyarskiy-kray", "urban_okrug"),
        ("sharypovskiy-okrug", "Шарыповский муниципальный округ", "Sharypovsky okrug", "krasnoyarskiy-kray",
         "municipal_okrug"),
        ("kulundinskiy-rayon", "Кулундинский район", "Kulundinsky district", "altayskiy-kray", "municipal_district"),
        ("blagoveshchenskiy-rayon", "Благовещенский район", "Blagoveshchensky district", "altayskiy-kray",
         "municipal_district"),
        ("knyazhpogostskiy-rayon", "Княжпогостский район", "Knyazhpogostsky district", "respublika-komi",
         "municipal_district"),
    ),
    "settlement": (
        ("kodinsk", "Кодинск", "Kodinsk", "krasnoyarskiy-kray", ""),
        ("kirey", "Кирей", "Kirey", "kulundinskiy-rayon", ""),
        ("glyaden", "Глядень", "Glyaden", "blagoveshchenskiy-rayon", ""),
        ("yarovoe", "Яровое", "Yarovoye", "altayskiy-kray", ""),
        ("berezovskiy", "Берёзовский", "Beryozovsky", "kemerovskaya-oblast", ""),
        ("vorkuta", "Воркута", "Vorkuta", "respublika-komi", ""),
        ("emva", "Емва", "Yemva", "knyazhpogostskiy-rayon", ""),
    ),
    "microdistrict": (("kodinsk-yuzhnyy", "Микрорайон «Южный»", "Yuzhny microdistrict", "kodinsk", ""),),
}

ASSEMBLY = "Гражданская ассамблея города (Серпухов)"
PPMI = "Программа поддержки местных инициатив, Красноярский край"
TOS = "Территориальное общественное самоуправление, Саратовская область"
HEALTH = "Инициативные проекты в области общественного здоровья"
KYRGYZ = "Местные сообщества и местное самоуправление, Кыргызстан"
# not to be added up with anything: people concerned by several projects count in each
NEVER_SUMMED = "люди, которых касаются разные проекты, повторяются: не суммируется"


def figure(
    key: str, title: str, measure: str, territory: str, as_published: str, value: object = None, *,
    year: int | None = None,
    unit: str = "", part: int | None = None, whole: int | None = None, base: str = "", qualifier: str = "exact",
    locator: str = "", note: str = "",
) -> Row:
    """One observation; `part` and `whole` are its published numerator and denominator."""
    return {
        "id": key, "title": title, "measure": measure, "territory": territory, "year": year, "base": base,
        "value": value, "unit": unit, "numerator": part, "denominator": whole, "count_qualifier": qualifier,
        "as_published": as_published, "locator": locator, "note": note,
    }


def ppmi() -> Iterator[Row]:
    """The year table of the Krasnoyarsk programme: both years with inputs, Kodinsk, and the context figure."""
    table = {
        2023: (429_200, 330_527, 80_494, "24,35", 167, "0,20", "0,05"),
        2024: (931_545, 728_691, 107_350, "14,73", 10_891, "10,14", "1,49"),
    }
    krai = "krasnoyarskiy-kray"
    for year, (residents, adults, heads, share, digital, of_heads, of_adults) in table.items():
        where = f"{PPMI}: таблица по годам, {year} год"
        yield figure(f"ppmi-{year}-residents", f"Жители муниципалитетов – участников ППМИ, {year}", "residents", krai,
                     _spaced(residents), residents, year=year, unit="people", base="residents", locator=where)
        yield figure(f"ppmi-{year}-residents-16", f"Жители 16+ муниципалитетов – участников ППМИ, {year}",
        "residents_16",
                     krai, _spaced(adults), adults, year=year, unit="people", base="residents_16", locator=where)
        yield figure(f"ppmi-{year}-participants", f"Приняли участие в ППМИ, {year}", "participants", krai,
            _spaced(heads),
                     heads, year=year, unit="people", locator=where)
        yield figure(f"ppmi-{year}-share", f"Доля участников ППМИ среди жителей 16+, {year}", "participants_share",
        krai,
                     f"{share} %", share.replace(",", "."), year=year, unit="%", part=heads, whole=adults,
                     base="residents_16", locator=where)
        yield figure(f"ppmi-{year}-digital", f"Участвовали через цифровые каналы, {year}", "participants_digital", krai,
                     _spaced(digital), digital, year=year, unit="people", locator=where)
        yield figure(f"ppmi-{year}-digital-reach", f"Доля цифровых каналов среди участников, {year}",
        "channel_reach_share",
                     krai, f"{of_heads} %", of_heads.replace(",", "."), year=year, unit="%", part=digital, whole=heads,
                     locator=where)
        yield figure(f"ppmi-{year}-digital-16", f"Доля участников цифровых каналов среди жителей 16+, {year}",
                     "participants_digital_share", krai, f"{of_adults} %", of_adults.replace(",", "."), year=year,
                     unit="%",
                     part=digital, whole=adults, base="residents_16", locator=where)
    where = f"{PPMI}: таблица по годам, 2024 год"
    yield figure("ppmi-2024-digital-urban", "Участвовали через цифровые каналы в городских округах, 2024",
                 "participants_digital", krai, "7 122", 7122, year=2024, unit="people", locator=where)
    yield figure("ppmi-2024-digital-urban-share", "Доля городских округов среди участников цифровых каналов, 2024",
                 "participants_digital_urban_share", krai, "", None, year=2024, unit="%", part=7122, whole=10_891,
                 locator=where, note="в источнике напечатаны только числа")
    yield from kodinsk()
    yield figure("social-networks-2023", "Пользователи социальных сетей в России, 2023", "social_network_users",
    "russia",
                 "106 млн", 106, year=2023, unit="million people", qualifier="about", locator=f"{PPMI}: вводная цифра")
    yield figure("social-networks-2023-share", "Доля пользователей социальных сетей среди жителей России, 2023",
                 "social_network_users_share", "russia", "73 %", 73, year=2023, unit="%", base="residents",
                 locator=f"{PPMI}: вводная цифра")


def kodinsk() -> Iterator[Row]:
    """«Южландия»: 1,473 signatures are more than 14 % of those older than 16; the base itself is not published."""
    where = f"{PPMI}: Кодинск, проект «Южландия»"
    yield figure("kodinsk-signatures", "Подписи за проект «Южландия», Кодинск", "signatures", "kodinsk", "1 473", 1473,
                 unit="people", locator=where)
    yield figure("kodinsk-share", "Доля подписавшихся среди жителей Кодинска старше 16 лет", "participants_share",
                 "kodinsk", "более 14 %", 14, unit="%", part=1473, base="residents_over_16", qualifier="at_least",
                 locator=where, note="база не напечатана: «более 14 %» – это от 9 821 до 10 521 жителя")


def kyrgyzstan() -> Iterator[Row]:
    """Results of the Kyrgyz programme; counts of different kinds, never summed."""

    def row(
        key: str, title: str, measure: str, printed: str, value: int | None, unit: str = "", *, part: int | None = None,
        whole: int | None = None, qualifier: str = "exact", note: str = "",
    ) -> Row:
        return figure(f"kg-{key}", title, measure, "kyrgyzstan", printed, value, unit=unit, part=part, whole=whole,
                      qualifier=qualifier, locator=f"{KYRGYZ}: итоги", note=note)

    yield row("problems-residents", "Жители, назвавшие первоочередные проблемы", "participants", "26 000", 26_000,
        "people")
    yield row("problems-municipalities", "Муниципалитеты, где названы первоочередные проблемы", "municipalities",
        "41", 41)
    yield row("hearings", "Общественные слушания", "hearings", "более 140", 140, qualifier="at_least")
    yield row("hearings-participants", "Участники слушаний", "participants", "почти 10 000", 10_000, "people",
        qualifier="almost")
    yield row("budget-changes", "Изменения бюджета по предложениям граждан", "budget_changes", "более 200", 200,
        qualifier="at_least")
    yield row("monitoring-members", "Участники групп совместного мониторинга", "monitoring_members", "около 200", 200,
    "people",
              qualifier="about")
    yield row("monitored-projects", "Проекты под совместным мониторингом", "projects_monitored", "130", 130)
    yield row("monitored-people", "Люди, которых касаются проекты под мониторингом", "people_concerned",
    "более 700 000", 700_000,
              "people", qualifier="at_least", note=NEVER_SUMMED)
    yield row("stories", "Истории местных инициатив", "stories", "234", 234)
    yield row("services-proposed", "Услуги, предложенные уязвимыми группами", "services_proposed", "129", 129)
    yield row("services-approved", "Услуги, утверждённые из предложенных", "services_approved", "64", 64)
    yield row("services-approved-share", "Доля утверждённых услуг среди предложенных", "services_approved_share",
    "129 → 64", None, "%",
              part=64, whole=129, note="в источнике напечатаны только числа")
    yield row("registered-services", "Услуги в муниципальных реестрах", "services_registered", "более 100", 100,
    qualifier="at_least",
              note="отдельно от 64 утверждённых: не суммируется")
    yield row("registers", "Муниципальные реестры услуг", "service_registers", "20", 20)
    yield row("regulations", "Регламенты услуг", "service_regulations", "14", 14)


def structure() -> Iterator[Row]:
    """Counts that describe the programmes themselves."""
    for key, title, measure, territory, value, source in (
        ("serpukhov-tasks", "Постоянные задачи гражданско-общественного совета", "standing_tasks", "serpukhov", 12,
         ASSEMBLY),
        ("serpukhov-stages", "Задачи, которые являются этапами программы", "programme_stages", "serpukhov", 8,
         ASSEMBLY),
        ("saratov-fields", "Направления деятельности ТОС", "tos_fields", "saratovskaya-oblast", 8, TOS),
        ("saratov-sites", "Экспертные площадки мастерской «ТОСоПозитив»", "expert_sites", "saratovskaya-oblast", 8,
         TOS),
        ("health-themes", "Темы инициативных проектов в области общественного здоровья", "health_themes", "russia", 8,
         HEALTH),
        ("health-parties", "Виды участников проектов", "party_kinds", "russia", 4, HEALTH),
    ):
        yield figure(key, title, measure, territory, str(value), value, locator=source)


def projects() -> Iterator[Row]:
    """The five named health projects (one of them in three places) and «Южландия»; the source states no stages."""
    bolashak = {
        "id": "health-bolashak", "title": "Обустройство спортивной площадки",
        "title_en": "A sports ground for three settlements", "theme": "playgrounds_sports_grounds",
        "secondary_themes": "sport_physical_culture", "programme": HEALTH,
        "initiator": "Казахская национально-культурная автономия «Болашак»",
    }
    for settlement, address in (
        ("Кирей", "с. Кирей, Кулундинский район, Алтайский край"),
        ("Глядень", "с. Глядень, Благовещенский район, Алтайский край"),
        ("Яровое", "г. Яровое, Алтайский край"),
    ):
        yield {**bolashak, "settlement": settlement, "address": address}
    health = {"programme": HEALTH}
    yield {"id": "health-dogs", "title": "Фитнес-зал на открытом воздухе для четвероногих",
           "title_en": "An open-air gym for four-legged friends", "theme": "quality_of_life", **health,
           "initiator": "Владельцы собак г. Берёзовского", "settlement": "Берёзовский",
           "address": "г. Берёзовский, Кемеровская область – Кузбасс"}
    yield {"id": "health-vorkuta-sport", "title": "Воркута – столица спорта", "title_en": "Vorkuta, capital of sport",
           "theme": "sport_physical_culture", "secondary_themes": "rehabilitation", **health,
           "description": "Тхэквондо и адаптивное тхэквондо.",
           "initiator": "Любители тхэквондо и адаптивного тхэквондо",
           "settlement": "Воркута", "address": "г. Воркута, Республика Коми"}
    yield {"id": "health-vorkuta-pool", "title": "В бассейн – за здоровьем!", "title_en": "To the pool for health!",
           "theme": "sport_physical_culture", **health, "initiator": "Родители", "settlement": "Воркута",
           "address": "г. Воркута, Республика Коми"}
    yield {"id": "health-emva", "title": "Обустройство лыжероллерной трассы в г. Емве",
    "title_en": "A roller-ski track in Yemva",
           "theme": "playgrounds_sports_grounds", "secondary_themes": "sport_physical_culture", **health,
           "description": "Трасса – линия; её положение в источнике не дано.",
           "initiator": "Лыжники Княжпогостского района",
           "settlement": "Емва", "address": "г. Емва, Княжпогостский район, Республика Коми"}
    yield {"id": "ppmi-yuzhlandiya", "title": "Южландия", "title_en": "Yuzhlandiya", "theme": "other",
    "programme": PPMI, "supporters": 1473, "territory": "kodinsk-yuzhnyy",
           "address": "мкр «Южный», Кодинск, Красноярский край"}


def organisations() -> Iterator[Row]:
    """Bodies the programmes name or describe by their role."""
    for key, title, kind, territory in (
        ("serpukhov-assembly", "Ассамблея гражданского общества города", "civic_assembly", "serpukhov"),
        ("serpukhov-council", "Гражданско-общественный совет (ГОС)", "civic_council", "serpukhov"),
        ("saratov-association", "Национальная ассоциация ТОС (партнёр программы)", "association",
         "saratovskaya-oblast"),
        ("saratov-ministry", "Министерство (партнёр программы)", "local_authority", "saratovskaya-oblast"),
        ("saratov-university", "Университет (партнёр программы)", "institution", "saratovskaya-oblast"),
        ("saratov-library", "Библиотека (партнёр программы)", "institution", "saratovskaya-oblast"),
        ("minusinsk-pilot", "Пилотный муниципалитет ППМИ: Минусинск", "local_authority", "minusinsk"),
        ("sharypovskiy-pilot", "Пилотный муниципалитет ППМИ: Шарыповский округ", "local_authority",
         "sharypovskiy-okrug"),
        ("bolashak", "Казахская национально-культурная автономия «Болашак»", "npo", "kirey;glyaden;yarovoe"),
        ("berezovskiy-dogs", "Владельцы собак г. Берёзовского", "initiative_group", "berezovskiy"),
        ("vorkuta-taekwondo", "Любители тхэквондо и адаптивного тхэквондо", "club", "vorkuta"),
        ("vorkuta-parents", "Инициативная группа родителей, Воркута", "initiative_group", "vorkuta"),
        ("emva-skiers", "Лыжники Княжпогостского района", "initiative_group", "knyazhpogostskiy-rayon"),
        ("kg-monitoring", "Группы совместного мониторинга и оценки", "monitoring_group", "kyrgyzstan"),
    ):
        yield {"id": key, "title": title, "organisation_kind": kind, "territory": territory}


# fmt: on
def write(out: Path) -> Folder:
    """Write the folder of the founding programmes."""
    folder = Folder(
        out,
        "Опубликованные показатели программ-основателей",
        "Published figures of the founding programmes",
        invented=False,
        source="Опубликованные показатели программ-основателей",
        licence="Показатели приводятся как факты, с указанием места в источнике",
        extra={"generator": "python -m geo.demo.programmes"},
    )
    for kind, territories in TERRITORIES.items():
        rows: list[Row] = [
            {"code": code, "name": name, "name_en": name_en, "parent": parent, "municipality_form": form}
            for code, name, name_en, parent, form in territories
        ]
        folder.rows(Load(f"{kind}.csv", kind=kind, table="names"), rows)
    folder.rows(Load("organisations.csv", register="organisations"), list(organisations()))
    folder.rows(Load("projects.csv", register="projects"), list(projects()))
    folder.rows(Load("observations.csv", register="observations"), [*ppmi(), *kyrgyzstan(), *structure()])
    folder.manifest()
    return folder


def _spaced(number: int) -> str:
    """Thousands apart, as printed: 429 200."""
    return f"{number:,}".replace(",", " ")


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the files of the founding programmes.")
    parser.add_argument("--out", type=Path, default=FOLDER)
    write(parser.parse_args().out)


if __name__ == "__main__":
    main()
