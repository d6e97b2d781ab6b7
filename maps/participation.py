"""How many take part? The page of the participation question."""

from __future__ import annotations

from geo.errors import N_
from maps.explorer import Explorer, Wording
from maps.explorer import build as build_page
from maps.page import CivicMap

WORDING = Wording(
    title=N_("How many take part?"),
    lead=N_("Participants of meetings, hearings and votes against the residents who could have come."),
)


def build(explorer: Explorer) -> CivicMap:
    """The participation page as a folium map."""
    return build_page(explorer, WORDING)
