"""`okruga analyse comparison|equity|siting`: territories side by side, shares, places for the next projects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from api.cli.base import Command, open_database, print_json, progress_bars
from api.cli.speech import language, say
from geo.errors import N_

if TYPE_CHECKING:
    from geo.analysis.result import Value

FORM = click.option("--format", "output", type=click.Choice(["text", "json", "csv"]), default="text",
                    help=N_("How the result is printed."))  # fmt: skip
KIND = click.option("--kind", default="", metavar="KIND", help=N_("Kind of the territories compared."))
THEME = click.option("--theme", default="", metavar="CODE", help=N_("Only entries of this theme."))
BY = click.option("--by", type=click.Choice(["line", "foot"]), default="line", show_default=True,
                  help=N_("Distances in a straight line or on foot along loaded streets."))  # fmt: skip
ROW = ("territory", "name", "value", "unit", "numerator", "denominator", "base", "interval_low", "interval_high",
       "rank", "missing_reason", "class", "estimated")  # fmt: skip
PERIOD = click.option("--period", default="", metavar="YEAR",
                      help=N_("Calendar year; the newest finished one when left out."))  # fmt: skip


def print_csv(columns: tuple[str, ...], rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows as a table for programs."""
    from api.csv_table import table

    click.echo(table(columns, rows).decode("utf-8-sig"), nl=False)


@click.command(cls=Command, help=N_("Two to five territories by every measure."))
@click.option("--territory", "codes", multiple=True, required=True, metavar="CODE", help=N_("A territory; repeat it."))
@KIND
@THEME
@PERIOD
@FORM
def comparison(codes: tuple[str, ...], kind: str, theme: str, period: str, output: str) -> None:
    from geo.analysis import comparison as compared
    from geo.analysis.measures import Measure
    from geo.analysis.questions import ask, make_query
    from geo.analysis.result import Answer
    from maps.text import value

    wanted = compared.check_codes(codes)
    with open_database() as database, database.reading() as connection:

        def answers(measure: Measure) -> Answer:
            themed = theme if measure.themes else ""
            asked = make_query(connection, measure.code, kind=kind, period=period, theme=themed)
            return ask(connection, asked, language())

        query = make_query(connection, "needs_open", kind=kind, period=period)
        peers, features = compared.peers_of(connection, query, {})
        found = compared.compare(wanted, answers, peers, features)
    if output == "json":
        print_json({
            "question": "comparison", "kind": query.kind, "period": str(query.year),
            "features": list(map(say, features)),
            "measures": [{"measure": line.measure.code, "median": line.median,
                          "rows": [row.as_dict(say) for row in line.rows]} for line in found.lines],
            "peers": {code: [peer.territory for peer in peers] for code, peers in found.peers.items()},
        })  # fmt: skip
        return
    if output == "csv":
        print_csv(("measure", *ROW), ({"measure": line.measure.code, **row.as_dict(say)}
                                      for line in found.lines for row in line.rows))  # fmt: skip
        return
    click.echo(" " * 44 + "".join(f"{row.name[:20]:>22}" for row in found.lines[0].rows))
    for line in found.lines:
        unit = line.measure.unit.value
        shown = (value(row.value.value, unit, language(), row.value.missing_reason) for row in line.rows)
        click.echo(f"{say(line.measure.title)[:44]:<44}" + "".join(f"{each:>22}" for each in shown))


@click.command(cls=Command, help=N_("Shares of projects or money against shares of people."))
@click.option("--resource", type=click.Choice(["projects", "money"]), default="projects",
              help=N_("What is shared out."))  # fmt: skip
@click.option("--baseline", default="residents", metavar="BASE", help=N_("People it is compared with."))
@KIND
@THEME
@PERIOD
@FORM
def equity(resource: str, baseline: str, kind: str, theme: str, period: str, output: str) -> None:
    from geo.analysis import equity as shared
    from geo.analysis.questions import make_query
    from maps.text import value

    with open_database() as database, database.reading() as connection:
        query = make_query(connection, "projects_done_per_1000", kind=kind, period=period, theme=theme)
        found = shared.equity(connection, query, shared.Resource(resource), shared.check_base(baseline),
                              shared.Grouping.PARENT, language())  # fmt: skip
    whole = found.inequality
    figures = {"gini": whole.gini, "hoover": whole.hoover, "theil": whole.theil}
    if output == "json":
        print_json({**found.answer.as_dict(say), **{name: figure.as_dict(say) for name, figure in figures.items()}})
        return
    if output == "csv":
        print_csv(ROW, (row.as_dict(say) for row in found.answer.rows))
        return
    for name, figure in figures.items():
        click.echo(f"{name:<10} {value(figure.value, figure.unit.value, language(), figure.missing_reason)}")
    for row in found.answer.rows:
        click.echo(f"{row.name:<44} {value(row.value.value, 'points', language(), row.value.missing_reason):>10}")
    for note in found.answer.notes:
        click.echo(say(note))


@click.command(cls=Command, help=N_("Where should the next projects go?"))
@click.option("--sites", type=click.IntRange(1, 10), default=3, show_default=True, metavar="N",
              help=N_("How many places."))  # fmt: skip
@click.option("--distance", type=int, default=500, show_default=True, metavar="M", help=N_("Distance in metres."))
@click.option("--candidates", type=click.Choice(["cells", "institutions"]), default="cells",
              help=N_("What a project may be put on."))  # fmt: skip
@click.option("--goal", type=click.Choice(["most_reached", "everybody", "shortest_mean", "shortest_longest"]),
              default="most_reached", help=N_("What the places are chosen for."))  # fmt: skip
@BY
@THEME
@PERIOD
@FORM
def siting(
    sites: int, distance: int, candidates: str, goal: str, by: str, theme: str, period: str, output: str
) -> None:
    from geo.analysis import siting as planned
    from geo.analysis.questions import make_query
    from maps.text import value

    with open_database() as database, database.computing() as connection, progress_bars() as progress:
        query = make_query(connection, "within_distance_share", period=period, theme=theme, distance_m=distance,
                           on_foot=by == "foot")  # fmt: skip
        plan = planned.plan(connection, query, sites, planned.Candidates(candidates), goal=planned.Goal(goal),
                            progress=progress)  # fmt: skip
    rows: list[dict[str, Any]] = [
        {"lat": place.lat, "lon": place.lon, "name": place.name, "gain": place.gain.value,
         "missing_reason": place.gain.missing_reason} for place in plan.places
    ]  # fmt: skip
    curve = [value.value for value in plan.curve]
    if output == "json":
        print_json({"question": "siting", "goal": goal, "by": by, "before_m": plan.before_m, "after_m": plan.after_m,
                    "sites": rows, "curve": curve, "residents": plan.residents.value,
                    "status": plan.status.value, "gap": plan.gap, "bound": plan.bound, "seconds": plan.seconds,
                    "notes": list(map(say, plan.notes))})  # fmt: skip
        return
    if output == "csv":
        print_csv(("lat", "lon", "name", "gain", "missing_reason"), rows)
        return

    def people(figure: Value) -> str:
        return value(figure.value, "people", language(), figure.missing_reason)

    for at, place in enumerate(plan.places):
        click.echo(f"{at + 1}. {place.lat}, {place.lon}  +{people(place.gain)}  {place.name}")
    if plan.after_m is not None:
        before = "—" if plan.before_m is None else plan.before_m
        click.echo(say(N_("Way in metres: {before} today, {after} with these places."),
                       before=before, after=plan.after_m))  # fmt: skip
    click.echo(
        say(
            N_("Within reach: {before} of {all} residents today, {after} with these places."),
            before=people(plan.curve[0]),
            all=people(plan.residents),
            after=people(plan.curve[-1]),
        )
    )
    for note in plan.notes:
        click.echo(say(note))
