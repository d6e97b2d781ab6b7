"""Who is left out, and why? The page of the gaps question."""

from __future__ import annotations

from geo.errors import N_
from maps.explorer import Explorer, Wording
from maps.explorer import build as build_page
from maps.page import CivicMap

WORDING = Wording(
    title=N_("Who is left out, and why?"),
    lead=N_("Where residents have needs that no project answers yet."),
)


def build(explorer: Explorer) -> CivicMap:
    """The gaps page as a folium map."""
    return build_page(explorer, WORDING)
