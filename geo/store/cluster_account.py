"""As whom does the embedded cluster run, and in which folder may that account keep it?

PostgreSQL refuses to run as root. Started by root it runs as the person behind sudo, else as `postgres`; that
account cannot enter, say, /root, and then the cluster is kept in /var/lib/okruga instead.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.errors import N_, MissingComponent, NotAllowed, Unavailable

SYSTEM_HOME = Path("/var/lib/okruga")
SOCKET_PATH_LIMIT = 90  # 103 bytes on macOS, 107 on Linux, less the name of the socket itself


@dataclass(frozen=True, slots=True)
class Account:
    """The account of the server; `drop` tells whether we are root and have to become it."""

    name: str
    uid: int
    gid: int
    drop: bool

    def run(self, command: Sequence[str], *, text: str = "", timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, outside any folder it may not enter and without foreign PG* variables."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        return subprocess.run(
            command,
            input=text,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
            cwd="/",
            env=environment | {"LC_ALL": "C"},
            user=self.uid if self.drop else None,
            group=self.gid if self.drop else None,
            extra_groups=[] if self.drop else None,
        )

    def own(self, path: Path) -> None:
        """Give a path just made by root to the account."""
        if self.drop:
            os.chown(path, self.uid, self.gid)

    def may_enter(self, folder: Path) -> bool:
        """Whether the account can reach this folder; only the server's own rights count, not root's."""
        return self.run(["/bin/sh", "-c", 'test -x "$1"', "sh", str(folder)]).returncode == 0


def server_account() -> Account:
    """The account the server runs as: ours, or when we are root $SUDO_USER, else `postgres`.

    Raises MissingComponent when that account does not exist in the system's list.
    """
    if os.geteuid() != 0:
        return _account_of(os.geteuid())
    behind_sudo = os.environ.get("SUDO_USER", "")
    for name in (behind_sudo, "postgres"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, drop=True)
    raise MissingComponent(
        N_("The embedded database does not run as root, and there is no account `postgres`."),
        remedy=N_("Start the program as an ordinary user, or install the PostgreSQL packages of the system."),
    )


def _account_of(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise MissingComponent(
            N_("User number {uid} has no name on this system, so the embedded database cannot start."),
            remedy=N_("Set OKRUGA_DATABASE_URL to a database elsewhere, or give that number a name in /etc/passwd."),
            uid=uid,
        ) from None
    return Account(entry.pw_name, uid, entry.pw_gid, drop=False)


def cluster_home(data_dir: Path, account: Account) -> Path:
    """Folder of the cluster, made if missing: below `data_dir`, or below /var/lib/okruga when that is closed to it.

    Raises NotAllowed when neither may be written.
    """
    data_dir = data_dir.expanduser().absolute()
    try:
        if not data_dir.exists():
            data_dir.mkdir(parents=True)
            account.own(data_dir)  # whoever is behind sudo can go on without it
        if not account.drop or account.may_enter(data_dir):
            return _own_folder(data_dir / "postgres", account)
        SYSTEM_HOME.mkdir(mode=0o755, exist_ok=True)
        elsewhere = SYSTEM_HOME / digest_of(data_dir)
        elsewhere.mkdir(mode=0o755, exist_ok=True)
        return _own_folder(elsewhere / "postgres", account)
    except PermissionError as error:
        raise NotAllowed(
            N_("The folder {folder} is closed to the account {account}, so the embedded database has no place."),
            remedy=N_("Give that account the folder, or set OKRUGA_DATA_DIR to another one."),
            folder=error.filename or data_dir,
            account=account.name,
        ) from error
    except OSError as error:
        raise Unavailable(
            N_("The folder {folder} cannot be used for the embedded database: {problem}."),
            remedy=N_("Free some space or set OKRUGA_DATA_DIR to another folder."),
            folder=data_dir,
            problem=error.strerror or error,
        ) from error


def _own_folder(folder: Path, account: Account) -> Path:
    """A 0700 folder of the account; one that belongs to somebody else is refused, not taken over."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.lstat().st_uid == os.geteuid() != account.uid:
        account.own(folder)
    if folder.is_symlink() or folder.lstat().st_uid != account.uid:
        raise PermissionError(1, "owned by another account", str(folder))
    return folder


def socket_folder(home: Path, account: Account) -> Path:
    """The 0700 folder of the unix socket, made if missing: in the cluster's home, where no cleaner of /tmp sweeps it.

    Only its owner and root can enter, which is why the server asks for no password there. A home with a long path, or
    on a disk that takes no sockets, has its socket in the folder for temporary files, named by a digest.
    """
    inside = home / "socket"
    if len(os.fsencode(inside)) <= SOCKET_PATH_LIMIT and _takes_sockets(home):
        return _own_folder(inside, account)
    name = f"okruga-{account.uid}-{digest_of(home)}"
    base = Path(tempfile.gettempdir())
    if len(os.fsencode(base / name)) > SOCKET_PATH_LIMIT or (account.drop and not account.may_enter(base)):
        base = Path("/tmp")  # noqa: S108 - the folder made in it is private, and its owner is checked
    return _own_folder(base / name, account)


def _takes_sockets(folder: Path) -> bool:
    """Whether a unix socket can be made here: folders shared with a virtual machine often cannot."""
    path = folder / ".socket"
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.bind(str(path))
    except OSError:
        return False
    finally:
        path.unlink(missing_ok=True)
    return True


def digest_of(path: Path) -> str:
    """A short stable name for a path."""
    return hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:16]
