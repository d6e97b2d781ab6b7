"""`okruga analyse …`: the questions, asked from a terminal; the same answers as the pages and the API."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from api.cli.base import Command, Group, open_database, print_json
from api.cli.planning import BY, ROW, comparison, equity, print_csv, siting
from api.cli.speech import language, say
from api.rule_words import RULE
from geo.errors import N_

if TYPE_CHECKING:
    from geo.analysis.result import Answer
    from geo.analysis.scores import Rule

OUTPUT = click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    help=N_("How the result is printed."),
)


@click.group(cls=Group, name="analyse", help=N_("Answer a question for all territories of a kind."))
def analyse() -> None:
    """Questions."""


def add_question(question: str, text: str) -> None:
    """A command for a question: its measures, by territory."""

    @click.option(
        "--measure", default="", metavar="CODE", help=N_("Which figure; the question's first one when left out.")
    )
    @click.option("--kind", default="", metavar="KIND", help=N_("Kind of the territories compared."))
    @click.option(
        "--territory", "codes", multiple=True, metavar="CODE", help=N_("Only this territory; may be repeated.")
    )
    @click.option(
        "--group", default="", metavar="CODE", help=N_("Only territories of this group, and those inside its members.")
    )
    @click.option("--theme", default="", metavar="CODE", help=N_("Only entries of this theme."))
    @click.option(
        "--period", default="", metavar="YEAR", help=N_("Calendar year; the newest finished one when left out.")
    )
    @click.option("--distance", type=int, default=500, show_default=True, metavar="M", help=N_("Distance in metres."))
    @click.option("--channel", default="", metavar="CODE", help=N_("Participation through this channel only."))
    @click.option("--of", default="", metavar="MEASURE", help=N_("Hot spots: the measure they are looked for in."))
    @click.option("--against", default="", metavar="YEAR", help=N_("Change: the year compared with."))
    @BY
    @click.option(
        "--town-events",
        type=click.Choice(["apart", "residents_16"]),
        default="apart",
        show_default=True,
        help=N_("Participants of events of the whole town: apart, or spread over the areas by residents 16+."),
    )
    @click.option(
        "--cell",
        type=click.IntRange(7, 9),
        default=8,
        show_default=True,
        help=N_("Size of hexagon cells (--kind hex_cell): H3 resolution."),
    )
    @click.option(
        "--rule",
        "limits",
        multiple=True,
        metavar="NAME=NUMBER",
        help=N_(
            "Underserved: tos_below, reach_below, needs_from, tos_weight, reach_weight, needs_weight or"
            " points_from; may be repeated."
        ),
    )
    @OUTPUT
    def run(output: str, **asked: Any) -> None:
        show(answer_of(question, **asked), output)

    run.__name__ = question
    analyse.command(question, cls=Command, help=text)(run)


add_question("coverage", N_("Whom do TOS and finished projects reach?"))
add_question("gaps", N_("Which needs are answered, who is left out?"))
add_question("participation", N_("How many take part, of whom?"))


def answer_of(
    question: str, *, measure: str, kind: str, codes: tuple[str, ...], group: str, theme: str, period: str,
    distance: int, channel: str, of: str, against: str, by: str, town_events: str, cell: int, limits: tuple[str, ...],
) -> Answer:  # fmt: skip
    """The answer to one question."""
    from geo.analysis.measures import measures_of
    from geo.analysis.questions import ask, make_query
    from geo.store.territories import codes_in_group

    wanted = measure or measures_of(question)[0].code
    with open_database() as database, database.reading() as connection:
        query = make_query(
            connection, wanted, kind=kind or None, period=period or None, theme=theme or None, distance_m=distance,
            channel=channel, of=of, against=against, on_foot=by == "foot", cell=cell, rule=rule_of(limits),
            town_spread=town_events == "residents_16",
        )  # fmt: skip
        answer = ask(connection, query, language())
        chosen = set(codes) | (codes_in_group(connection, group, query.day) if group else set())
    # chosen after hiding: asked one by one, rows would give away what is hidden in the whole
    return replace(answer, rows=tuple(row for row in answer.rows if not (codes or group) or row.territory in chosen))


def rule_of(limits: tuple[str, ...]) -> Rule:
    """The underserved rule with the given limits. Raises BadInput for a name or number it does not know."""
    from geo.analysis.scores import Rule
    from geo.errors import BadInput

    given: dict[str, Any] = {}
    for limit in limits:
        name, _, number = limit.partition("=")
        if name not in RULE or not number.replace(".", "", 1).isdigit():
            raise BadInput(
                N_("{value} is not a limit of the underserved rule."), remedy=N_("Write NAME=NUMBER; names: {known}."),
                value=limit, known=", ".join(RULE),
            )  # fmt: skip
        given[RULE[name]] = float(number) if name.endswith("_below") else int(float(number))
    return Rule(**given)


def show(answer: Answer, output: str) -> None:
    """Print an answer."""
    said = answer.as_dict(say)
    if output == "json":
        print_json(said)
        return
    rows: Any = said["rows"]
    if output == "csv":
        print_csv(ROW, rows)
        return
    print_table(answer, rows)


def print_table(answer: Answer, rows: list[dict[str, Any]]) -> None:
    """Names and values, what they are made of, and what belongs beside them: period, notes, method and sources."""
    from geo.analysis.measures import measure_of
    from maps.text import number, unit_title, value

    lang = language()
    title, unit = say(measure_of(answer.measure).title), unit_title(answer.unit.value, lang)
    click.echo(click.style(f"{title}, {unit}, {answer.period.label if answer.period else ''}", bold=True))
    for row, told in zip(answer.rows, rows, strict=True):
        shown = value(row.value.value, answer.unit.value, lang, row.value.missing_reason)
        minor = 100 if answer.unit.value == "minor" else 1
        counts = [number(each, lang, 3) for each in (told["numerator"], told["denominator"]) if each is not None]
        if counts and told["numerator"] is not None:
            counts[0] = number(told["numerator"] / minor, lang, 3)
        click.echo(f"{row.name:<40} {shown:>12}   {' / '.join(counts)}".rstrip())
    for note in answer.notes:
        click.echo(say(note))
    click.echo(say(N_("Method: {chapter}"), chapter=answer.method.chapter))
    for source in answer.sources:
        click.echo(say(N_("Source: {source}"), source=source))


@analyse.command(cls=Command, context_settings={"ignore_unknown_options": True}, help=N_("What lies around a point?"))
@click.argument("lat", type=float)
@click.argument("lon", type=float)
@click.option("--radius", type=float, default=1000.0, show_default=True, metavar="M", help=N_("Radius in metres."))
@click.option("--register", "registers", multiple=True, metavar="NAME", help=N_("Only this register; may be repeated."))
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help=N_("How many to show."))
@BY
@OUTPUT
def near(lat: float, lon: float, radius: float, registers: tuple[str, ...], limit: int, by: str, output: str) -> None:
    from geo.analysis.near import near as around

    with open_database() as database, database.reading() as connection:
        found = around(connection, lat, lon, radius_m=radius, registers=registers, limit=limit, on_foot=by == "foot")
    rows = [
        {"register": item.register, "id": item.id, "title": item.title, "status": item.status, "theme": item.theme,
         "distance_m": round(item.distance_m, 1), "walk_m": item.walk_m, "walk_minutes": item.walk_minutes,
         "walk_missing_reason": item.walk_missing, "lat": item.lat, "lon": item.lon}
        for item in found.items
    ]  # fmt: skip
    if output == "json":
        print_json({
            "number_matched": found.number_matched, "by": found.by, "items": rows,
            "notes": [say(note) for note in found.notes], "sources": list(found.sources),
        })  # fmt: skip
    elif output == "csv":
        print_csv(tuple(rows[0]) if rows else ("register",), rows)
    else:
        for row in rows:
            walk = "" if found.by == "line" else f"{row['walk_m'] if row['walk_m'] is not None else '—':>8}"
            click.echo(f"{walk}{row['distance_m']:>8} {row['register']:<13} {row['title']}")
        for note in found.notes:
            click.echo(say(note))
        for source in found.sources:
            click.echo(say(N_("Source: {source}"), source=source))


analyse.add_command(comparison)
analyse.add_command(equity)
analyse.add_command(siting)
