"""Links that work once, sessions that end, passwords only their owner knows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from geo.errors import BadInput, Conflict, NotAllowed, NotFound
from geo.store import account


def test_a_link_signs_in_once(connection: Connection) -> None:
    admin = account.first_administrator(connection)
    token = account.make_link(connection, admin)
    session = account.use_link(connection, token)
    found = account.session_account(connection, session)
    assert found is not None
    assert (found.login, found.role) == ("admin", "admin")
    with pytest.raises(NotAllowed):
        account.use_link(connection, token)


def test_the_administrator_is_made_once(connection: Connection) -> None:
    assert account.first_administrator(connection).id == account.first_administrator(connection).id
    account.add_account(connection, "anna", "steward")
    with pytest.raises(Conflict):
        account.first_administrator(connection, "anna")


def test_a_new_link_makes_the_old_one_useless(connection: Connection) -> None:
    admin = account.first_administrator(connection)
    old, new = account.make_link(connection, admin), account.make_link(connection, admin)
    with pytest.raises(NotAllowed):
        account.use_link(connection, old)
    assert account.use_link(connection, new)


def test_a_link_runs_out(connection: Connection) -> None:
    admin = account.first_administrator(connection)
    token = account.make_link(connection, admin, timedelta(seconds=-1))
    with pytest.raises(NotAllowed):
        account.use_link(connection, token)


def test_only_digests_are_stored(connection: Connection) -> None:
    token = account.make_link(connection, account.first_administrator(connection))
    session = account.use_link(connection, token)
    for table in ("sign_in_link", "browser_session"):
        stored = connection.scalars(text(f"SELECT t::text FROM personal.{table} t")).all()
        assert stored
        assert all(token not in row and session not in row for row in stored)
    assert len(token) >= 43  # 256 bits


def test_sessions_end(connection: Connection) -> None:
    admin = account.first_administrator(connection)
    first, second = (account.start_session(connection, admin.id) for _ in range(2))
    account.end_session(connection, first)
    assert account.session_account(connection, first) is None
    assert account.session_account(connection, second) is not None
    assert account.session_account(connection, "guess") is None
    expired = account.start_session(connection, admin.id, timedelta(seconds=-1))
    assert account.session_account(connection, expired) is None


def test_a_closed_account_is_out_at_once(connection: Connection) -> None:
    anna = account.add_account(connection, "anna", "editor")
    session, token = account.start_session(connection, anna.id), account.make_link(connection, anna)
    account.set_password(connection, anna.id, "a long enough phrase")
    account.disable_account(connection, "anna")
    assert account.session_account(connection, session) is None
    with pytest.raises(NotAllowed):
        account.use_link(connection, token)
    with pytest.raises(NotAllowed):
        account.use_password(connection, "anna", "a long enough phrase")
    with pytest.raises(NotAllowed):
        account.make_link(connection, account.account_of(connection, "anna"))


def test_passwords(connection: Connection) -> None:
    anna = account.add_account(connection, "anna", "steward")
    with pytest.raises(NotAllowed):
        account.use_password(connection, "anna", "")
    with pytest.raises(BadInput):
        account.set_password(connection, anna.id, "short")
    account.set_password(connection, anna.id, "верная лошадь батарейка")
    stored = connection.scalar(text("SELECT password_hash FROM personal.credential"))
    assert str(stored).startswith("$argon2id$")
    assert account.session_account(connection, account.use_password(connection, "anna", "верная лошадь батарейка"))
    for login, password in (("anna", "wrong"), ("nobody", "верная лошадь батарейка")):
        with pytest.raises(NotAllowed) as caught:
            account.use_password(connection, login, password)
        assert login not in str(caught.value)


def test_logins_and_roles_are_checked(connection: Connection) -> None:
    account.add_account(connection, "anna", "editor")
    with pytest.raises(Conflict):
        account.add_account(connection, "anna", "editor")
    for login, role in (("", "editor"), ("a\nb", "editor"), (" a", "editor"), ("b", "king")):
        with pytest.raises(BadInput):
            account.add_account(connection, login, role)
    with pytest.raises(NotFound):
        account.account_of(connection, "nobody")
    assert [one.login for one in account.accounts(connection)] == ["anna"]


def test_the_reader_sees_nobody(connection: Connection) -> None:
    granted = text(
        "SELECT count(*) FROM information_schema.role_table_grants"
        " WHERE grantee = 'okruga_reader' AND table_schema <> 'published'"
    )
    assert connection.scalar(granted) == 0
