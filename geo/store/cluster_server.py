"""Is the server of one data folder running, and how is it made, started and stopped?

Callers hold the start lock (cluster_lock.alone); nothing here decides who may stop the server.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from geo.errors import N_, Conflict, MissingComponent, OkrugaError, Unavailable
from geo.store.cluster_account import Account, socket_folder
from geo.store.cluster_binaries import Binaries, find
from geo.store.cluster_config import HBA, MB, OWNER, ROLES, Profile, server_options

INIT_FREE_MB = 200  # initdb writes about 60 MB, PostGIS and the demo city the rest
START_SECONDS = 120
STOP_SECONDS = 60
SOCKET_NAME = ".s.PGSQL.5432"
LINE_HEAD = re.compile(r"^[-\d]+ [:.\d]+ \S+ \[\d+\] (\S*@\S* )?")  # time and process in a line of the log


@dataclass(frozen=True, slots=True)
class PidFile:
    """What `postmaster.pid` says: process, socket folder and state (`starting`, `ready` …)."""

    pid: int
    socket: Path
    state: str


class Server:
    """The PostgreSQL server of one home folder (`data` inside it), run as one account."""

    def __init__(self, home: Path, account: Account, override: str = "") -> None:
        self.home = home
        self.data = home / "data"
        self._account = account
        self._override = override

    @cached_property
    def binaries(self) -> Binaries:
        """The programs: of the major version that wrote the data, when there are data."""
        written_by = self.data / "PG_VERSION"
        return find(self._override, int(written_by.read_text()) if written_by.exists() else None)

    def running(self) -> PidFile | None:
        """The pid file of a server that answers, waiting for one that is still starting or recovering.

        Asking it matters: a process that was just killed is listed for a moment more.
        """
        deadline = time.monotonic() + START_SECONDS
        while (seen := self._pid_file()) and self._is_ours(seen.pid):
            if seen.state == "ready":
                if not (seen.socket / SOCKET_NAME).exists():
                    return None
                address = make_conninfo(host=str(seen.socket), port=5432, dbname="postgres", user=OWNER)
                if PGconn.ping(address.encode()) == Ping.OK:
                    return seen
            if time.monotonic() > deadline:
                raise self._failed(N_("The embedded database does not become ready."), "")
            time.sleep(0.05)
        return None

    def make(self, profile: Profile) -> None:
        """Make the data folder, complete or not at all: it gets its name as the last step."""
        if self.data.exists():
            return
        self._refuse_full_disk()
        unfinished = self.home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        binaries = self.binaries
        # C.UTF-8 makes Cyrillic letters letters (trigrams, search), ICU puts them into Russian order
        locale = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        options = [f"--locale={locale}", "--locale-provider=icu", "--icu-locale=ru", "--encoding=UTF8"]
        options += ["--auth=trust", f"--username={OWNER}", "--data-checksums", "--no-instructions"]
        options += ["--no-sync"] if profile == "test" else []
        self._run([binaries.program("initdb"), *options, "-D", str(unfinished)])
        self._run([binaries.program("postgres"), "--single", "-D", str(unfinished), "postgres"], text=ROLES)
        with (unfinished / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude 'okruga.conf'\n")
        (unfinished / "pg_hba.conf").write_text(HBA)
        self._write(unfinished / "okruga.profile", profile)
        unfinished.rename(self.data)

    def start(self, profile: Profile) -> PidFile:
        """Start the server and wait until it answers.

        Raises Unavailable with the last lines of its log when it does not come up.
        """
        self._forget_stale_pid()
        socket = socket_folder(self.home, self._account)
        self._write(self.data / "okruga.conf", server_options(profile, socket))
        command = [self.binaries.program("pg_ctl"), "start", "-w", "-t", str(START_SECONDS), "-s"]
        command += ["-D", str(self.data), "-l", str(self.home / "start.log")]
        for attempt in range(20):
            done = self._account.run(command)
            if done.returncode == 0 and (up := self.running()):
                return up
            # children of a killed server need a moment to leave the shared memory
            if "shared memory block" not in self._log_tail() or attempt == 19:
                break
            time.sleep(0.25)
        self._remove_socket(socket)
        raise self._failed(N_("The embedded database does not start."), done.stderr)

    def stop(self) -> None:
        """Stop the server, finishing quickly but cleanly, and remove the folder of its socket."""
        seen = self._pid_file()
        if seen is None:
            return
        if self._is_ours(seen.pid):
            command = [self.binaries.program("pg_ctl"), "stop", "-w", "-t", str(STOP_SECONDS), "-s"]
            command += ["-D", str(self.data)]
            if self._account.run([*command, "-m", "fast"]).returncode != 0:
                self._account.run([*command, "-m", "immediate"])
        self._remove_socket(seen.socket)

    def _pid_file(self) -> PidFile | None:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return PidFile(int(lines[0]), Path(lines[4]), lines[7].strip() if len(lines) > 7 else "starting")
        except FileNotFoundError:
            return None
        except (ValueError, IndexError):  # half written by a server that is just starting, or cut off by a crash
            return PidFile(int(lines[0]) if lines and lines[0].isdigit() else 0, Path("/nonexistent"), "starting")

    def _is_ours(self, pid: int) -> bool:
        """Whether this process is a server of this data folder and not a stranger that got its number."""
        if pid <= 0:
            return False
        if Path("/proc/self").exists():
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except OSError:
                return False
            return os.fsencode(self.data) in words
        command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
        listed = subprocess.run(command, capture_output=True, text=True, check=False)
        return str(self.data) in listed.stdout

    def _forget_stale_pid(self) -> None:
        """Remove the pid file of a dead server: its number may belong to another program by now."""
        seen = self._pid_file()
        if seen is None:
            return
        if self._is_ours(seen.pid):  # up, but its socket was swept away
            self.stop()
        else:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            self._remove_socket(seen.socket)

    @staticmethod
    def _remove_socket(folder: Path) -> None:
        for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
            with suppress(OSError):
                (folder / name).unlink()
        with suppress(OSError):
            folder.rmdir()

    def refuse_other_profile(self, profile: Profile) -> None:
        """Raise Conflict when data made to be kept are asked for with the profile that may lose them."""
        made_for = self.data / "okruga.profile"
        if profile == "test" and made_for.exists() and made_for.read_text() != "test":
            raise Conflict(
                N_("The data in {folder} were made to be kept, so they are not opened with the profile `test`."),
                remedy=N_("Set OKRUGA_CLUSTER_PROFILE to `safe`, or choose another OKRUGA_DATA_DIR."),
                folder=self.home,
            )

    def _refuse_full_disk(self) -> None:
        free = shutil.disk_usage(self.home).free // MB
        if free < INIT_FREE_MB:
            raise Unavailable(
                N_("Only {free} MB are free in {folder}; a new database needs {needed} MB."),
                remedy=N_("Free some space or set OKRUGA_DATA_DIR to another folder."),
                free=free,
                folder=self.home,
                needed=INIT_FREE_MB,
            )

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text)
        self._account.own(path)

    def _run(self, command: list[str], text: str = "") -> None:
        try:
            done = self._account.run(command, text=text)
        except OSError as error:
            raise MissingComponent(
                N_("{program} cannot be run: {problem}."), program=command[0], problem=error.strerror or error
            ) from error
        # the single-user server reports an SQL error in its output and still ends with status 0
        if done.returncode != 0 or "ERROR:" in done.stderr or "FATAL:" in done.stderr:
            raise self._failed(N_("The embedded database cannot be made."), done.stderr)

    def _log_tail(self) -> str:
        """The end of the newest log: the collector's when it took over, else what was said before."""
        logs = [path for path in (self.home / "start.log", *self.data.glob("log/*.log")) if path.exists()]
        newest = max(logs, key=lambda path: path.stat().st_mtime, default=None)
        return newest.read_text(errors="replace")[-2000:] if newest else ""

    def _failed(self, message: str, said: str) -> OkrugaError:
        said = said.strip() + "\n" + self._log_tail()
        if "No space left on device" in said or shutil.disk_usage(self.home).free < 16 * MB:
            return Unavailable(
                N_("There is no space left on the disk of {folder}, so the embedded database cannot run."),
                remedy=N_("Free some space and start again; nothing that was saved is lost."),
                folder=self.home,
            )
        lines = [line for line in said.splitlines() if re.search(r"FATAL|ERROR|LOG: |error:", line)]
        return Unavailable(
            message,
            remedy=N_("It said: {problem}. The whole log is in {folder}."),
            problem="; ".join(LINE_HEAD.sub("", line) for line in (lines or said.strip().splitlines())[-2:]),
            folder=self.home,
        )
