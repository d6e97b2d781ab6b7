"""Which routers make the service? Those for programs once, those for people once per language."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes import (
    aggregate,
    card,
    comparison,
    coverage,
    data,
    districts,
    docs,
    embed,
    entries,
    equity,
    gaps,
    geocode,
    health,
    home,
    indicators,
    locate,
    near,
    participation,
    registers,
    search,
    sign_in,
    static,
    steward,
    territories,
    tiles,
    tos,
    values,
)

FOR_PROGRAMS: tuple[APIRouter, ...] = (
    coverage.router, gaps.router, participation.router, comparison.router, equity.router,
    indicators.router, values.router, territories.router,
    locate.router, geocode.router, near.router, search.router, registers.router, aggregate.router, card.router, tiles.router,
    health.router, static.router,
)  # fmt: skip
FOR_PEOPLE: tuple[APIRouter, ...] = (
    home.pages, coverage.pages, gaps.pages, participation.pages, comparison.pages, near.pages, districts.pages,
    tos.pages, entries.pages, data.pages, embed.pages, docs.pages, sign_in.pages, steward.pages,
)  # fmt: skip
