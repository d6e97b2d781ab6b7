"""Whom does self-government reach? The page of the coverage question."""

from __future__ import annotations

from geo.errors import N_
from maps.explorer import Explorer, Wording
from maps.explorer import build as build_page
from maps.page import CivicMap

WORDING = Wording(
    title=N_("Whom does self-government reach?"),
    lead=N_("Share of residents who live in a TOS or near a finished project."),
)


def build(explorer: Explorer) -> CivicMap:
    """The coverage page as a folium map."""
    return build_page(explorer, WORDING)
