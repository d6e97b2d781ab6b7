"""Who is signed in, and how do people prove who they are? Accounts, one-time links, sessions, passwords.

A token is 256 random bits, known to its bearer only; the database keeps its SHA-256, so that a stolen copy of the
database opens nothing. No password exists until its owner sets one; then its argon2 hash is kept. Functions take an
open connection of the app role and leave the transaction to the caller. Times come from the database's clock.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, text

from geo.errors import N_, BadInput, Conflict, NotAllowed, NotFound

LINK_LIFETIME = timedelta(hours=1)
SESSION_LIFETIME = timedelta(days=7)
# a session is noted as used at most this often, so that reading a page does not write each time
NOTED_EVERY = timedelta(minutes=5)
PASSWORD_LEAST, PASSWORD_MOST = 12, 200
ROLES = ("admin", "steward", "editor")

_hasher = PasswordHasher()
# an unknown login costs as much time as a wrong password
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$ojK5SEIMyBCLfHN68A8pOQ$23ujVDbRQ30aJVR6E2duzFskpkjw/NErmM0fHCgh2i4"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in."""

    id: int
    login: str
    role: str
    disabled: bool = False
    has_password: bool = False


SELECT = (
    "SELECT a.id, a.login, a.role, a.disabled_at IS NOT NULL AS disabled,"
    " EXISTS (SELECT FROM personal.credential c WHERE c.account_id = a.id) AS has_password FROM okruga.account a "
)


def accounts(connection: Connection) -> list[Account]:
    """All accounts by login."""
    return [Account(*row) for row in connection.execute(text(SELECT + "ORDER BY a.login"))]


def account_of(connection: Connection, login: str) -> Account:
    """The account of that login; NotFound without one."""
    row = connection.execute(text(SELECT + "WHERE a.login = :login"), {"login": login}).one_or_none()
    if row is None:
        raise NotFound(
            N_("There is no account {login}."), remedy=N_("`okruga users list` shows all accounts."), login=login
        )
    return Account(*row)


def add_account(connection: Connection, login: str, role: str) -> Account:
    """A new account. Raises Conflict when the login is taken, BadInput for a bad login or role."""
    if not login.isprintable() or not 1 <= len(login) <= 100 or login != login.strip():
        raise BadInput(
            N_("The login {login} cannot be used."), remedy=N_("Use 1 to 100 letters or digits."), login=login
        )
    if role not in ROLES:
        raise BadInput(
            N_("There is no role {role}."), remedy=N_("Choose one of: {known}."), role=role, known=", ".join(ROLES)
        )
    added = connection.scalar(
        text(
            "INSERT INTO okruga.account (login, role) VALUES (:login, :role)"
            " ON CONFLICT (login) DO NOTHING RETURNING id"
        ),
        {"login": login, "role": role},
    )
    if added is None:
        raise Conflict(N_("The login {login} is taken."), remedy=N_("Choose another login."), login=login)
    return account_of(connection, login)


def first_administrator(connection: Connection, login: str = "admin") -> Account:
    """The administrator of that login, made when there is none yet; an account of another role is not raised."""
    connection.execute(
        text("INSERT INTO okruga.account (login, role) VALUES (:login, 'admin') ON CONFLICT (login) DO NOTHING"),
        {"login": login},
    )
    found = account_of(connection, login)
    if found.role != "admin":
        raise Conflict(
            N_("The account {login} is not an administrator."),
            remedy=N_("Give another login: --login NAME."),
            login=login,
        )
    return found


def disable_account(connection: Connection, login: str) -> None:
    """The account can no longer sign in; its sessions and links end now."""
    found = account_of(connection, login)
    connection.execute(
        text("UPDATE okruga.account SET disabled_at = now() WHERE id = :id AND disabled_at IS NULL"), {"id": found.id}
    )
    forget_sessions(connection, found.id)
    connection.execute(text("DELETE FROM personal.sign_in_link WHERE account_id = :id"), {"id": found.id})


# --- one-time links ---------------------------------------------------------------------------------------------------


def make_link(connection: Connection, account: Account, lifetime: timedelta = LINK_LIFETIME) -> str:
    """The token of a link that signs in once; earlier unused links of the account stop working."""
    if account.disabled:
        raise NotAllowed(N_("The account {login} is closed."), remedy=N_("Ask an administrator."), login=account.login)
    token = new_token()
    connection.execute(text("DELETE FROM personal.sign_in_link WHERE account_id = :id"), {"id": account.id})
    connection.execute(
        text(
            "INSERT INTO personal.sign_in_link (token_sha256, account_id, expires_at)"
            " VALUES (:digest, :id, now() + :for)"
        ),
        {"digest": digest(token), "id": account.id, "for": lifetime},
    )
    return token


def use_link(connection: Connection, token: str) -> str:
    """Sign in with a link: the token of a new session. Raises NotAllowed for a used, expired or unknown link."""
    # one statement decides, so that of two browsers with the same link one gets in
    account_id = connection.scalar(
        text(
            "UPDATE personal.sign_in_link l SET used_at = now() FROM okruga.account a"
            " WHERE l.token_sha256 = :digest AND l.used_at IS NULL AND l.expires_at > now()"
            " AND a.id = l.account_id AND a.disabled_at IS NULL RETURNING l.account_id"
        ),
        {"digest": digest(token)},
    )
    if account_id is None:
        raise NotAllowed(
            N_("This sign-in link was used already or is out of date."),
            remedy=N_("Make a new one with `okruga users admin`."),
        )
    return start_session(connection, account_id)


# --- passwords --------------------------------------------------------------------------------------------------------


def set_password(connection: Connection, account_id: int, password: str) -> None:
    """Store the hash of a password its owner chose (slow on purpose: call it off the event loop)."""
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise BadInput(
            N_("A password has {least} to {most} characters."), remedy=N_("Choose a longer phrase."),
            least=PASSWORD_LEAST, most=PASSWORD_MOST,
        )  # fmt: skip
    connection.execute(
        text(
            "INSERT INTO personal.credential (account_id, password_hash) VALUES (:id, :hash)"
            " ON CONFLICT (account_id) DO UPDATE SET password_hash = EXCLUDED.password_hash, set_at = now()"
        ),
        {"id": account_id, "hash": _hasher.hash(password)},
    )


def use_password(connection: Connection, login: str, password: str) -> str:
    """Sign in with a password: the token of a new session. One answer for an unknown login and a wrong password."""
    row = connection.execute(
        text(
            "SELECT a.id, c.password_hash FROM okruga.account a JOIN personal.credential c ON c.account_id = a.id"
            " WHERE a.login = :login AND a.disabled_at IS NULL"
        ),
        {"login": login},
    ).one_or_none()
    if not verified(row.password_hash if row else _NOBODY, password) or row is None:
        raise NotAllowed(N_("The login or the password is wrong."), remedy=N_("Try again, or ask for a sign-in link."))
    if _hasher.check_needs_rehash(row.password_hash):
        set_password(connection, row.id, password)
    return start_session(connection, row.id)


def verified(password_hash: str, password: str) -> bool:
    """Whether the password belongs to the hash."""
    try:
        return _hasher.verify(password_hash, password[: PASSWORD_MOST + 1])
    except (VerificationError, InvalidHashError):
        return False


# --- sessions ---------------------------------------------------------------------------------------------------------


def start_session(connection: Connection, account_id: int, lifetime: timedelta = SESSION_LIFETIME) -> str:
    """The token of a new session; sessions that have run out are swept away."""
    token = new_token()
    connection.execute(text("DELETE FROM personal.browser_session WHERE expires_at <= now()"))
    connection.execute(
        text(
            "INSERT INTO personal.browser_session (token_sha256, account_id, expires_at)"
            " VALUES (:digest, :id, now() + :for)"
        ),
        {"digest": digest(token), "id": account_id, "for": lifetime},
    )
    return token


def session_account(connection: Connection, token: str) -> Account | None:
    """Whose session this is; None when it has ended or never was."""
    row = connection.execute(
        text(
            SELECT + "JOIN personal.browser_session s ON s.account_id = a.id"
            " WHERE s.token_sha256 = :digest AND s.expires_at > now() AND a.disabled_at IS NULL"
        ),
        {"digest": digest(token)},
    ).one_or_none()
    if row is None:
        return None
    connection.execute(
        text(
            "UPDATE personal.browser_session SET used_at = now()"
            " WHERE token_sha256 = :digest AND used_at < now() - :every"
        ),
        {"digest": digest(token), "every": NOTED_EVERY},
    )
    return Account(*row)


def end_session(connection: Connection, token: str) -> None:
    """Sign out."""
    connection.execute(
        text("DELETE FROM personal.browser_session WHERE token_sha256 = :digest"), {"digest": digest(token)}
    )


def forget_sessions(connection: Connection, account_id: int) -> None:
    """Sign the account out everywhere."""
    connection.execute(text("DELETE FROM personal.browser_session WHERE account_id = :id"), {"id": account_id})


def new_token() -> str:
    """256 random bits, safe in an address."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()
