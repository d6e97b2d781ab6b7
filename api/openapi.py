"""How does the API describe itself? Problems for every error, the language parameter, what belongs together."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.errors import PROBLEM_JSON, FieldProblem, Problem
from maps.text import languages

DESCRIPTION = """\
Maps of how a city governs itself, as data. Reading needs no account.

Coordinates are longitude, latitude in WGS 84; distances are metres, dates ISO 8601, shares 0..1, money whole minor
units. A value that is missing is `null` with a `missing_reason`; zero is 0. Lists come in pages: take `next` as
`cursor`. Every answer carries an ETag made of the version of the data; errors are `application/problem+json` (RFC
9457).
"""
TAGS = [
    {
        "name": "questions",
        "description": "Coverage, gaps, participation: rows, catalogue and what a map recolours with.",
    },
    {"name": "places", "description": "Territories, what lies at a point or near it, search."},
    {"name": "registers", "description": "Projects, needs, events, organisations, observations."},
    {"name": "maps", "description": "Vector tiles and what a click shows."},
    {"name": "service", "description": "Is it alive, ready, which version?"},
]
ERRORS = {
    "404": "Not there",
    "410": "No longer published",
    "422": "The input does not fit",
    "503": "Not available right now; ask again after `Retry-After` seconds",
}


WITH_BODY = {
    "400": "The body could not be read",
    "403": "A write from another site's page",
    "413": "Larger than this service takes",
    "415": "Not JSON",
}


def describe(app: FastAPI) -> None:
    """Let the application answer /openapi.json with this description, made once."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = schema(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def schema(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document."""
    made = get_openapi(
        title=app.title, version=app.version, description=DESCRIPTION, tags=TAGS, routes=app.routes,
        separate_input_output_schemas=False,
    )  # fmt: skip
    components = made["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        components.pop(unused, None)
    components["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components["Problem"].pop("$defs")
    components["FieldProblem"] = FieldProblem.model_json_schema()
    for path, operations in made["paths"].items():
        for operation in operations.values():
            finish(path, operation)
    return made


def finish(path: str, operation: dict[str, Any]) -> None:
    """Add what every operation of the API has: its errors, and for titles the language."""
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, title in {**ERRORS, **(WITH_BODY if "requestBody" in operation else {})}.items():
        if status not in operation["responses"] or status == "422":
            operation["responses"][status] = {"description": title, "content": content}
    if path.startswith("/api"):
        lang = {"type": "string", "enum": list(languages())}
        operation.setdefault("parameters", []).append(
            {"name": "lang", "in": "query", "required": False, "description": "Language of titles", "schema": lang}
        )
