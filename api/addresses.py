"""Which routers make the service? Those for programs once, those for people once per language."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes import (
    address_files,
    aggregate,
    ask_again,
    card,
    comparison,
    coverage,
    data,
    districts,
    docs,
    drawing,
    embed,
    entries,
    equity,
    gaps,
    geocode,
    geocode_review,
    health,
    hexagons,
    home,
    indicators,
    loads,
    locate,
    near,
    participation,
    published,
    quality,
    registers,
    rows,
    search,
    sign_in,
    siting,
    snapshots,
    static,
    steward,
    territories,
    tiles,
    tos,
    uploads,
    values,
    what_if,
)

FOR_PROGRAMS: tuple[APIRouter, ...] = (
    coverage.router, gaps.router, participation.router, comparison.router, equity.router,
    siting.router, what_if.router, published.router, hexagons.router, snapshots.router,
    indicators.router, rows.router, values.router, territories.router,
    locate.router, geocode.router, near.router, search.router, registers.router, aggregate.router, card.router,
    quality.router, drawing.router, tiles.router, health.router, static.router,
)  # fmt: skip
FOR_PEOPLE: tuple[APIRouter, ...] = (
    address_files.pages, ask_again.pages, geocode_review.pages,
    home.pages, coverage.pages, gaps.pages, participation.pages, comparison.pages, siting.pages, snapshots.pages,
    near.pages, districts.pages, tos.pages, entries.pages, data.pages, rows.pages, embed.pages, docs.pages,
    sign_in.pages, drawing.pages, steward.pages, uploads.pages, loads.pages,
)  # fmt: skip
