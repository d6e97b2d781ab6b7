"""Who may write, and how do they prove who they are? Accounts, sessions and one-time links.

No password is stored until its owner sets one; tokens are stored as SHA-256 of 256 random bits.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from geo.registers.base import PERSONAL, SCHEMA, Base, Id, Now


class Account(Base):
    """Somebody who may sign in; what they may do follows from the role (geo.store.permission.can)."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("role IN ('admin', 'steward', 'editor')", name="role"),)

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    created_at: Mapped[Now]
    disabled_at: Mapped[datetime | None]


class Credential(Base):
    """The argon2 hash of a password its owner has set."""

    __tablename__ = "credential"
    __table_args__ = ({"schema": PERSONAL},)

    account_id: Mapped[int] = mapped_column(ForeignKey(f"{SCHEMA}.account.id", ondelete="CASCADE"), primary_key=True)
    password_hash: Mapped[str]
    set_at: Mapped[Now]


class SignInLink(Base):
    """A link that signs in once."""

    __tablename__ = "sign_in_link"
    __table_args__ = ({"schema": PERSONAL},)

    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(f"{SCHEMA}.account.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class BrowserSession(Base):
    """A signed-in browser."""

    __tablename__ = "browser_session"
    __table_args__ = ({"schema": PERSONAL},)

    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(f"{SCHEMA}.account.id", ondelete="CASCADE"))
    created_at: Mapped[Now]
    used_at: Mapped[Now]
    expires_at: Mapped[datetime]
