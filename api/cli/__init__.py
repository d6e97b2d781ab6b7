"""How is the program worked from a terminal? `okruga COMMAND …`, the same names as in the interface notes.

Commands are found by name and imported when they are run, so that `okruga --help` loads neither the map library nor
the database. What a command found out goes to standard output, the talk and the progress bars to standard error.

Exit status: 0 done; 1 done, or a dry run, with rejected rows or blocking findings; 2 wrong usage, unreadable input or
something missing.
"""

from __future__ import annotations

import sys

import click

from api.cli.base import VERSION, Group, complain
from geo.errors import N_, OkrugaError

# name -> where the command lives and the line that describes it
COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("api.cli.serve:serve", N_("Start the service and print its address.")),
    "load": ("api.cli.load:load", N_("Load boundaries, population, projects, needs, events and other lists.")),
    "imports": ("api.cli.imports:imports", N_("List loads, show what one came to, take one back.")),
    "geocode": ("api.cli.geocode:geocode", N_("Find the addresses of a file, or of stored rows again.")),
    "locate": ("api.cli.locate:locate", N_("Say which territories a point lies in.")),
    "analyse": ("api.cli.analyse:analyse", N_("Answer coverage, gaps, participation or what is near.")),
    "snapshots": ("api.cli.snapshots:snapshots", N_("Freeze the figures of a finished year, list what was frozen.")),
    "export": ("api.cli.export:export", N_("Write a register, territories or indicators to a file.")),
    "rebuild": ("api.cli.rebuild:rebuild", N_("Compute indicators, placement or tiles again.")),
    "check": ("api.cli.check:check", N_("Say what is wrong with this installation, and what to do.")),
    "demo": ("api.cli.demo:demo", N_("Load or remove the invented city and the programmes' figures.")),
    "backup": ("api.cli.backup:backup", N_("Write a backup and prove that it restores.")),
    "restore": ("api.cli.backup:restore", N_("Put a backup in place of the database.")),
    "users": ("api.cli.users:users", N_("Sign-in links and accounts.")),
}


@click.command(
    cls=Group,
    commands_at=COMMANDS,
    name="okruga",
    help=N_("Maps of how a city governs itself."),
    epilog=N_("Settings are OKRUGA_… variables; `okruga check` prints all of them."),
)
@click.version_option(package_name="okruga", message="%(version)s", help=VERSION)
def cli() -> None:
    """All commands."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command line and exit with its status."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run a command line; the exit status. Errors a person can mend are one sentence, never a traceback."""
    try:
        status = cli.main(args=arguments, prog_name="okruga", standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    except (click.ClickException, click.Abort, OkrugaError) as error:
        return complain(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # the reader of our output went away (`… | head`)
        sys.stderr.close()
        return 0
    return status if isinstance(status, int) else 0
