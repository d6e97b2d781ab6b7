"""Is the description of the API true? Requests made from it are answered as it says, never with an error of ours."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from geo.settings import Settings
from geo.store.engine import Database

CHECKS: list[Any] = [
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
]
EXAMPLES = 8
# real values of the model town: made-up ones would only ever find out that there is no such thing
REAL = {
    "code": "d1",
    "measure": "needs_open",
    "version": "1-0",
    "territory": "d1",
    "parent": "primersk",
    "by": "theme",
}


def operations(*, with_parameters: bool = False) -> list[tuple[str, str]]:
    """Path and method of what the API describes; describing it needs no database."""
    app = create_app(Database(lambda role: "postgresql://", Settings()))
    return [
        (path, method.upper())
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
        if not with_parameters or "parameters" in operation
    ]


@pytest.fixture(scope="session")
def api_schema(client: TestClient) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", client.app)


def every_other(case: Case[Any], name: str) -> bool:
    """A coin for a parameter that falls the same way in every run."""
    return zlib.crc32(f"{case.operation.label}{name}{case.path_parameters}{case.query}".encode()) % 2 == 0


def with_real_values(case: Case[Any]) -> Case[Any]:
    """Half of the made-up values replaced by some that exist."""
    for values in (case.path_parameters, case.query):
        for name in list(values):
            if name in REAL and every_other(case, name):
                values[name] = REAL[name]
    return case


@pytest.mark.parametrize(("path", "method"), operations())
def test_requests_that_fit_the_description(api_schema: Any, path: str, method: str) -> None:
    ask(api_schema, path, method, GenerationMode.POSITIVE)


@pytest.mark.parametrize(("path", "method"), operations(with_parameters=True))
def test_requests_that_do_not_fit_it(api_schema: Any, path: str, method: str) -> None:
    ask(api_schema, path, method, GenerationMode.NEGATIVE)


def ask(api_schema: Any, path: str, method: str, mode: GenerationMode) -> None:
    """Made-up requests of an operation: answered as described, in the described shape, without an error of ours."""

    @given(case=api_schema[path][method].as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    def holds(case: Case[Any]) -> None:
        with_real_values(case).call_and_validate(checks=CHECKS)

    holds()


def test_every_operation_says_what_it_does(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for path, operations in paths.items():
        for method, operation in operations.items():
            assert operation["summary"], (path, method)
            assert operation["tags"], (path, method)
            problem = operation["responses"]["422"]["content"]["application/problem+json"]["schema"]
            assert problem == {"$ref": "#/components/schemas/Problem"}, (path, method)


def test_the_description_names_no_page(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert all(path.startswith(("/api/", "/tiles", "/healthz", "/readyz", "/version", "/metrics")) for path in paths)
