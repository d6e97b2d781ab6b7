"""How is the embedded server configured? One file, written anew at every start, for each of two profiles.

`safe` keeps every acknowledged write through a crash. `test` forgets rows when the machine fails and is for
throw-away data only, so data made under `safe` are never opened with it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

Profile = Literal["safe", "test"]

MB = 1024 * 1024
OWNER, APP, READER = "okruga_owner", "okruga_app", "okruga_reader"
HBA = "# only the unix socket, in a folder that only this account can enter\nlocal all all trust\n"

# Bulk loads and rebuilds run as the application, migrations as the owner; public pages only ever read.
ROLES = f"""
CREATE ROLE {APP} LOGIN;
CREATE ROLE {READER} LOGIN;
ALTER ROLE {OWNER} SET statement_timeout = 0;
ALTER ROLE {OWNER} SET idle_in_transaction_session_timeout = 0;
ALTER ROLE {APP} SET statement_timeout = '15min';
ALTER ROLE {APP} SET idle_in_transaction_session_timeout = '15min';
ALTER ROLE {READER} SET default_transaction_read_only = on;
"""

COMMON = {
    "listen_addresses": "",
    "port": "5432",  # part of the name of the socket; nothing listens on a network port
    "unix_socket_permissions": "0700",
    "max_connections": "80",
    "jit": "off",  # costs more than it gains on short spatial queries
    "random_page_cost": "1.1",
    "work_mem": "16MB",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "cluster_name": "okruga",
    "lc_messages": "C",
    "log_line_prefix": "%m [%p] %u@%d ",
}
SAFE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "maintenance_work_mem": "256MB",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "server-%a.log",  # one file a day, a week of them
    "log_rotation_age": "1d",
    "log_truncate_on_rotation": "on",
}
TEST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "128MB",
}


def server_options(profile: Profile, socket: Path) -> str:
    """The text of `okruga.conf` for a profile."""
    options = COMMON | {"unix_socket_directories": str(socket)}
    options |= TEST if profile == "test" else SAFE | memory_options()
    lines = (f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in options.items())
    return "# written by okruga at every start of the server\n" + "".join(lines)


def memory_options() -> dict[str, str]:
    """Caches for a server that shares the machine: an eighth of the memory, between 128 MB and 2 GB."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MB
    buffers = min(max(total // 8, 128), 2048)
    return {"shared_buffers": f"{buffers}MB", "effective_cache_size": f"{max(total // 2, 256)}MB"}
