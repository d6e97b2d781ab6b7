"""A desk for each test that loads files, and hypothesis without a clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from geo.store.embedded import Cluster
from geo.store.engine import Database
from tests.geo.ingest.making import Desk, box, copied, opened

# the suite asserts what is right, never how quickly: a loaded machine must not fail it
hypothesis.settings.register_profile("without deadline", deadline=None)
hypothesis.settings.load_profile("without deadline")


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    """Over an empty database."""
    return Desk(database, tmp_path)


@pytest.fixture(scope="session")
def city_template(cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A city of two districts, a settlement and a TOS."""
    with copied(cluster, template, "city_template") as name:
        database = opened(cluster, name)
        desk = Desk(database, tmp_path_factory.mktemp("city"))
        desk.areas([({"code": "town", "name": "Городской округ Тихий"}, box(0, 2))], "municipality")
        desk.areas(
            [({"code": "a", "name": "Первый округ"}, box(0, 1)), ({"code": "b", "name": "Второй округ"}, box(1, 2))]
        )
        desk.areas([({"code": "gorod", "name": "Тихий"}, box(0.2, 1.8))], "settlement", parent="town")
        tos = {"code": "t", "name": "ТОС «Двор»", "tos_status": "active"}
        desk.areas([(tos, box(0.4, 0.6))], "tos_territory", parent="a")
        database.close()
        yield name


@pytest.fixture
def city(cluster: Cluster, city_template: str, tmp_path: Path) -> Iterator[Desk]:
    """Over a copy of that city."""
    with copied(cluster, city_template, "city") as name:
        database = opened(cluster, name)
        yield Desk(database, tmp_path)
        database.close()
