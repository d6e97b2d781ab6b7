"""`okruga serve`: the service, and its address.

The database is opened and brought to the newest shape first; an empty embedded one gets its demonstration data, so that
the first page somebody opens has something on it. Nobody reads what is not counted yet.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from api.cli.base import Command, open_database, progress_bars, settle
from api.cli.speech import talk
from api.cli.stopping import Told, hang_up_is_stop
from geo.errors import N_, Unavailable

if TYPE_CHECKING:
    from geo.store.engine import Database

BACKLOG = 2048


@click.command(cls=Command, help=N_("Start the service and print its address."))
@click.option("--host", help=N_("Address to listen on; OKRUGA_HOST when left out."))
@click.option("--port", type=click.IntRange(0, 65535), help=N_("Port to listen on; OKRUGA_PORT when left out, 0: any."))
def serve(host: str | None, port: int | None) -> None:
    from geo.settings import settings

    current = settings()
    # taken before the database starts: a port in use should be told at once
    listening = listen(host or current.host, current.port if port is None else port)
    with listening, open_database() as database:
        if not current.database_url and current.demo != "none":
            bring_demo(database, current.demo)
        count_what_waits(database)
        run_server(database, listening)


def listen(host: str, port: int) -> socket.socket:
    """A socket on that address. Unavailable when the port is taken or the address is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # with the protocol named, asyncio sends each small answer at once; otherwise its second part waits 40 ms for an
    # acknowledgement of the first (Nagle's algorithm against delayed acknowledgements)
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise Unavailable(
            N_("Port {port} on {host} cannot be used: {problem}."),
            remedy=N_("Stop what uses it, or choose another one: okruga serve --port {other}."),
            port=str(port), host=host, problem=error.strerror or type(error).__name__, other=str(port % 65535 + 1),
        ) from error  # fmt: skip
    return listening


def bring_demo(database: Database, place: str) -> None:
    """The first start of an empty database loads something to look at."""
    from geo.demo.load import load_first

    with progress_bars() as progress:
        if load_first(database, place, progress):
            talk(N_("Demonstration data are loaded; `okruga demo remove` removes them."))


def count_what_waits(database: Database) -> None:
    """What an upgrade or a killed command left to be counted is counted before anybody reads: which small numbers are
    hidden is decided with it."""
    with progress_bars() as progress:
        settle(database, progress)


def run_server(database: Database, listening: socket.socket) -> None:
    """Serve until told to stop; requests under way are finished."""
    import uvicorn

    from api.app import create_app

    config = uvicorn.Config(
        create_app(database), log_level="warning", access_log=False, proxy_headers=True, server_header=False,
        timeout_graceful_shutdown=8, timeout_keep_alive=20, backlog=BACKLOG,
    )  # fmt: skip

    class Server(uvicorn.Server):
        """Says the address once it answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                announce(listening)

    hang_up_is_stop()
    with suppress(Told):  # uvicorn passes the signal on when the last request is answered: a stop as it should be
        Server(config).run(sockets=[listening])


def announce(listening: socket.socket) -> None:
    """The address, on standard output; how to stop, beside it."""
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"http://{shown}:{port}/")
    talk(N_("Okruga answers at this address. Ctrl+C stops it."))
