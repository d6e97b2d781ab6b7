"""`okruga imports list|show|undo`: what was loaded, what it came to, and the way back."""

from __future__ import annotations

from typing import Any

import click

from api.cli.base import JSON_OR_TEXT, Command, Group, open_database, print_json, progress_bars, settle
from api.cli.speech import say
from geo.errors import N_

# what a finding is said from
HIDDEN = ("msgid", "remedy_msgid", "params")
RUN = click.argument("run", type=int, metavar="N")


@click.group(cls=Group, name="imports", help=N_("What was loaded, and the way back."))
def imports() -> None:
    """Import runs."""


@imports.command("list", cls=Command, help=N_("List the loads, newest first."))
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help=N_("How many to show."))
@JSON_OR_TEXT
def list_runs(limit: int, output: str) -> None:
    from geo.store.runs import list_runs as stored

    with open_database() as database, database.writing("cli") as connection:
        runs = stored(connection, limit)
    if output == "json":
        print_json([
            {"id": run.id, "register": run.register, "kind": run.kind, "file": run.file_name, "source": run.source,
             "actor": run.actor, "demo": run.demo, "state": run.state, "committed_at": run.committed_at.isoformat()}
            for run in runs
        ])  # fmt: skip
        return
    for run in runs:
        undone = f"  ({say(N_('taken back'))})" if run.undone else ""
        what = f"{run.register}{f' {run.kind}' if run.kind else ''}"
        click.echo(
            f"{run.id:>5}  {run.committed_at:%Y-%m-%d %H:%M}  {what:<32}  {run.file_name}  [{run.source}]{undone}"
        )


@imports.command(cls=Command, help=N_("Show the report of a load."))
@RUN
def show(run: int) -> None:
    from geo.store.runs import get_run

    with open_database() as database, database.writing("cli") as connection:
        found = get_run(connection, run)
    head = {"id": found.id, "state": found.state, "source": found.source, "actor": found.actor}
    print_json(head | found.report | {"findings": [spoken(finding) for finding in found.report.get("findings", [])]})


def spoken(finding: dict[str, Any]) -> dict[str, Any]:
    """A stored finding in the language of the settings."""
    from geo.ingest.told import told

    params = {name: told(value) for name, value in finding.get("params", {}).items()}
    said = {
        name: say(finding.get(f"{prefix}msgid", ""), **params)
        for name, prefix in (("message", ""), ("remedy", "remedy_"))
    }
    return {name: said.get(name, value) for name, value in finding.items() if name not in HIDDEN}


@imports.command(cls=Command, help=N_("Take a load back as a whole, as long as nothing later builds on it."))
@RUN
def undo(run: int) -> None:
    from geo.store.history import undo as take_back

    with open_database() as database, progress_bars() as progress:
        with database.writing("cli") as connection:
            done = take_back(connection, run, "cli")
        settle(database, progress)
    removed, restored = sum(done.removed.values()), sum(done.restored.values())
    click.echo(
        say(
            N_("Import {run} is taken back. Rows removed: {removed}, put back: {restored}."),
            run=run,
            removed=removed,
            restored=restored,
        )
    )
