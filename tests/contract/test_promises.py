"""Are the promises kept that are not one module's: addresses, roles, what a command loads, what stands in the guide?"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import text

from api.app import create_app
from geo.registers import METADATA, REGISTERS
from geo.settings import Settings
from geo.store.engine import READER, Database

CHECKOUT = Path(__file__).resolve().parents[2]
GUIDE = CHECKOUT / "docs" / "guide"

# addresses are a promise to users, scripts and integrators: removing or renaming one needs a decision record
ADDRESSES = {
    *(
        "/healthz",
        "/readyz",
        "/version",
        "/metrics",
        "/docs",
        "/docs/method/{chapter}",
        "/openapi.json",
        "/static/{name}",
    ),
    *("/api/territories", "/api/territories/{code}", "/api/locate", "/api/geocode", "/api/near", "/api/search"),
    *("/api/card/{layer}/{id}", "/api/values/{measure}", "/api/indicators", "/api/indicators/{measure}"),
    *("/api/coverage", "/api/gaps", "/api/participation", "/api/aggregate"),
    *(f"/api/{register.plural}" for register in REGISTERS),
    *(f"/api/{register.plural}/{{id}}" for register in REGISTERS),
    *("/tiles", "/tiles/{layer}/{version}/{z}/{x}/{y}.mvt"),
    *(
        "/",
        "/near",
        "/districts",
        "/districts/{code}",
        "/tos",
        "/tos/{code}",
        "/data",
        "/steward",
        "/sign-in",
        "/sign-out",
    ),
    *(f"/map/{question}" for question in ("coverage", "gaps", "participation")),
    *(f"/map/{question}/table" for question in ("coverage", "gaps", "participation")),
    *("/projects/{id}", "/needs/{id}", "/events/{id}", "/organisations/{id}", "/embed/place/{kind}/{wanted}"),
    *("/en/", "/en/near", "/en/districts/{code}", "/en/map/coverage", "/en/projects/{id}"),
}
HEAVY = ("folium", "geopandas", "sqlalchemy", "fastapi", "pandas", "numpy", "shapely", "uvicorn", "jinja2", "pyarrow")


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app(Database(lambda role: "postgresql://", Settings()))


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """Path and method of every route, those of included routers too."""
    return [
        (str(route.path), method)
        for route in iter_route_contexts(app.routes)
        for method in sorted((getattr(route, "methods", None) or {"GET"}) - {"HEAD", "OPTIONS"})
    ]


def test_every_promised_address_is_there(app: FastAPI) -> None:
    served = {path for path, _ in routes(app)}
    assert served >= ADDRESSES, ADDRESSES - served


def test_no_two_routes_share_an_address(app: FastAPI) -> None:
    """The later one would never be asked."""
    seen: set[tuple[str, str]] = set()
    for path, method in routes(app):
        shape = re.sub(r"\{\w+\}", "{}", path)
        assert (shape, method) not in seen, (path, method)
        seen.add((shape, method))
    assert len(seen) > len(ADDRESSES)


def test_writes_are_few_and_known(app: FastAPI) -> None:
    """Each of them asks `require` and is tried in tests/api by people who may and may not."""
    writes = {(method, path.removeprefix("/en")) for path, method in routes(app) if method != "GET"}
    assert writes == {
        ("POST", "/api/aggregate"),
        ("POST", "/sign-in"),
        ("POST", "/sign-out"),
        ("POST", "/snapshots"),
        ("POST", "/steward/password"),
        ("POST", "/steward/imports/{run}/undo"),
        ("POST", "/steward/uploads"),
        ("POST", "/steward/uploads/{upload}"),
        ("POST", "/steward/uploads/{upload}/commit"),
        ("POST", "/steward/uploads/{upload}/discard"),
        ("POST", "/steward/geocode/{task}"),
        ("POST", "/steward/geocode/again"),
        ("POST", "/steward/geocode/undo"),
        ("POST", "/steward/geocode/files/send"),
        ("POST", "/steward/geocode/files/{file}/discard"),
        ("POST", "/steward/boundaries/{boundary}/confirm"),
        ("POST", "/api/steward/boundaries/draft"),
        ("POST", "/api/steward/boundaries/check"),
        ("POST", "/api/steward/boundaries/save"),
    }


def test_the_reader_sees_published_views_and_nothing_else(town: Database) -> None:
    with town.reader.connect() as connection:
        assert connection.scalar(text("SELECT current_user")) == READER
        readable = connection.execute(
            text(
                "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE c.relkind IN ('r', 'v', 'm', 'p')"
                " AND n.nspname IN ('okruga', 'personal', 'history', 'published')"
                " AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')"
            )
        ).all()
        assert {schema for schema, _ in readable} == {"published"}
        assert len(readable) > len(REGISTERS)


@pytest.mark.parametrize("table", sorted(METADATA.tables))
def test_the_reader_cannot_read_a_base_table(town: Database, table: str) -> None:
    from sqlalchemy.exc import ProgrammingError

    with town.reader.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(text(f"SELECT * FROM {table} LIMIT 1"))


@pytest.mark.parametrize(
    "arguments", [["--help"], ["load", "--help"], ["load", "needs", "--help"], ["users", "--help"]]
)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from api.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip().splitlines()[-1] == "[]", done.stderr
    assert done.stdout


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_the_guide_names_every_page_and_every_link_leads_somewhere(app: FastAPI, lang: str) -> None:
    text_of = "\n".join(path.read_text("utf-8") for path in sorted((GUIDE / lang).glob("*.md")))
    for page in (
        "/near",
        "/map/coverage",
        "/map/gaps",
        "/map/participation",
        "/districts",
        "/tos",
        "/data",
        "/docs",
        "/steward",
    ):
        assert f"`{page}`" in text_of, page
    for path in sorted((GUIDE / lang).glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_the_guides_of_both_languages_have_the_same_chapters() -> None:
    assert {path.name for path in (GUIDE / "ru").glob("*.md")} == {path.name for path in (GUIDE / "en").glob("*.md")}
    for path in (GUIDE / "ru").glob("*.md"):
        other = (GUIDE / "en" / path.name).read_text("utf-8")
        assert path.read_text("utf-8").count("\n## ") == other.count("\n## "), path.name
