"""Who is still using the embedded cluster? The last process to leave stops it.

Every process holds its own *shared* lock on one file for as long as it uses the cluster; leaving, it asks for the
lock alone and, when it gets it, is the last. The kernel gives a lock back when its process dies, however it
dies. A second lock makes starting and stopping one at a time.

A lock belongs to an open file, and fork shares open files: a parent that let go would let go for its child. So
a fork is prepared with a lock of the child's own, and programs run by exec inherit none.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from geo.store.cluster_account import Account


class Share:
    """This process's share in a cluster; `leave` says whether it was the last one."""

    def __init__(self, path: Path, account: Account) -> None:
        self._path = path
        self._descriptor = _open(path, account)
        self._for_child = -1
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)
        _shares.add(self)

    @property
    def held(self) -> bool:
        return self._descriptor >= 0

    def leave(self) -> bool:
        """Give the share back. True when nobody else holds one: then the lock is kept until `release`."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            return False
        return True

    def release(self) -> None:
        _shares.discard(self)
        if self._descriptor >= 0:
            _unlock(self._descriptor)
            self._descriptor = -1

    def before_fork(self) -> None:
        with suppress(OSError):  # the folder was removed under us: the child then has no share
            self._for_child = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
            fcntl.flock(self._for_child, fcntl.LOCK_SH)

    def after_fork(self, *, child: bool) -> None:
        """The child keeps the lock made for it, the parent its own; closing the other copy releases nothing."""
        spare, kept = (self._descriptor, self._for_child) if child else (self._for_child, self._descriptor)
        if spare >= 0:
            os.close(spare)
        self._descriptor, self._for_child = kept, -1


_shares: set[Share] = set()


@contextmanager
def alone(path: Path, account: Account) -> Iterator[None]:
    """Hold the lock on a file exclusively, waiting for whoever holds it now."""
    descriptor = _open(path, account)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        _unlock(descriptor)


def _unlock(descriptor: int) -> None:
    """Unlock before closing: a copy some fork took in between must not keep the lock alive."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def _open(path: Path, account: Account) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    if account.drop:
        os.fchown(descriptor, account.uid, account.gid)
    return descriptor


def _before_fork() -> None:
    for share in list(_shares):
        share.before_fork()


def _after_fork(child: bool) -> None:
    for share in list(_shares):
        share.after_fork(child=child)


os.register_at_fork(
    before=_before_fork,
    after_in_parent=lambda: _after_fork(child=False),
    after_in_child=lambda: _after_fork(child=True),
)
