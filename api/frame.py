"""What stands around every page: whose data these are, from which sources, as of when, who is signed in."""

from __future__ import annotations

from api import language
from api.deps import Visit
from geo.analysis.areas import local_name
from geo.store.overview import Overview, overview
from maps.pages import Frame, Source

MOST_SOURCES = 6


def look(visit: Visit) -> Overview:
    """The overview of the data, asked for once per version of them."""
    return visit.remember("overview", lambda: overview(visit.connection))


def frame(visit: Visit) -> Frame:
    """The surroundings of the page that is asked for."""
    seen = look(visit)
    sources = tuple(Source(title=each.title, href=each.url or "", licence=each.licence or "") for each in seen.sources)
    return Frame(
        lang=visit.lang,
        path=language.bare_path(visit.request),
        query=visit.request.url.query,
        invented=seen.invented,
        sources=sources[:MOST_SOURCES],
        data_on=seen.changed_on,
        data_version=visit.data_version,
        account=visit.account.login if visit.account else "",
    )


def city(visit: Visit) -> str:
    """The name of the one municipality, region or country shown here; empty when there are several."""
    place = look(visit).place
    return local_name(*place, visit.lang) if place else ""
