"""`okruga users …`: how the first administrator gets in, and who else may."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from api.cli.base import JSON_OR_TEXT, Command, Group, open_database, print_json
from api.cli.speech import say, talk
from geo.errors import N_

if TYPE_CHECKING:
    from geo.store.account import Account
    from geo.store.engine import Connection

HOURS = click.option(
    "--hours", type=click.IntRange(1, 24 * 7), default=1, show_default=True, help=N_("How long the link works.")
)


@click.group(cls=Group, name="users", help=N_("Sign-in links and accounts."))
def users() -> None:
    """Accounts."""


@users.command(cls=Command, help=N_("Print a link that signs the administrator in once."))
@click.option("--login", default="admin", show_default=True, help=N_("Name of the account; made when there is none."))
@HOURS
def admin(login: str, hours: int) -> None:
    from geo.store.account import first_administrator

    with open_database() as database, database.writing("cli") as connection:
        print_link(connection, first_administrator(connection, login), hours)


@users.command(cls=Command, help=N_("Add an account and print a link that signs it in once."))
@click.argument("login")
@click.option("--role", type=click.Choice(["admin", "steward", "editor"]), default="steward", show_default=True,
              help=N_("What the account may do."))  # fmt: skip
@HOURS
def add(login: str, role: str, hours: int) -> None:
    from geo.store.account import add_account

    with open_database() as database, database.writing("cli") as connection:
        print_link(connection, add_account(connection, login, role), hours)


@users.command(cls=Command, help=N_("Print a link that signs an account in once."))
@click.argument("login")
@HOURS
def link(login: str, hours: int) -> None:
    from geo.store.account import account_of

    with open_database() as database, database.writing("cli") as connection:
        print_link(connection, account_of(connection, login), hours)


@users.command(cls=Command, help=N_("Close an account: it can no longer sign in."))
@click.argument("login")
def close(login: str) -> None:
    from geo.store.account import disable_account

    with open_database() as database, database.writing("cli") as connection:
        disable_account(connection, login)
    click.echo(say(N_("The account {login} is closed."), login=login))


@users.command("list", cls=Command, help=N_("List the accounts."))
@JSON_OR_TEXT
def list_accounts(output: str) -> None:
    from geo.store.account import accounts

    with open_database() as database, database.writing("cli") as connection:
        found = accounts(connection)
    if output == "json":
        print_json(
            [{"login": a.login, "role": a.role, "closed": a.disabled, "password": a.has_password} for a in found]
        )
        return
    for account in found:
        closed = f"  ({say(N_('closed'))})" if account.disabled else ""
        click.echo(f"{account.login:<24} {account.role}{closed}")


def print_link(connection: Connection, account: Account, hours: int) -> None:
    """The link goes to standard output, what it is to standard error: so it can be piped."""
    from geo.settings import settings
    from geo.store.account import make_link

    current = settings()
    base = current.base_url.rstrip("/") or f"http://{current.host}:{current.port}"
    token = make_link(connection, account, timedelta(hours=hours))
    talk(N_("This link signs {login} in once, within {hours} h:"), login=account.login, hours=hours)
    click.echo(f"{base}/sign-in?token={token}")
