"""The private PostgreSQL and Valkey themselves: made, started, set up, and what a crash left of them cleared away."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import psycopg
import redis
from psycopg import sql

from .data_folder import POSTGRES_SOCKET, DataFolder, as_server_user
from .processes import Child, Guard
from .server_binaries import ServerBinaries

DATABASE = "amber"
SUPERUSER = "postgres"  # sets up the cluster and is not told to any process
# Each role with the one attribute in which it differs; none is superuser and none passes row-level security.
ROLES = {"amber_owner": "CREATEDB", "amber_app": "NOCREATEDB", "amber_purge": "NOCREATEDB"}
START_SECONDS = 60.0
KEEPING = ("demo", "chaos")  # whose servers keep every commit when they are stopped at once


class ServerFailed(Exception):
    """A server did not start; the message holds the end of its log."""


# PostgreSQL


def postgres_url(folder: DataFolder, role: str, password: str, database: str = DATABASE) -> str:
    """Return the address under which a role reaches the private cluster."""
    return f"postgresql://{role}:{password}@/{database}?host={quote(str(folder.servers), safe='')}"


def start_postgres(folder: DataFolder, guard: Guard, binaries: ServerBinaries, passwords: dict[str, str]) -> None:
    """Start the cluster, made before if need be; it ends with `guard`. That of the tests is made anew, not repaired.

    Refuses (ServerFailed) a cluster that does not start.
    """
    cluster = folder.servers / "postgresql"
    existed = cluster.exists()
    try:
        _run_postgres(folder, guard, binaries, passwords)
    except (ServerFailed, psycopg.Error) as failure:
        if not existed or folder.purpose in KEEPING:
            raise ServerFailed(f"{failure}\nIf its data are damaged, `make demo-reset` starts afresh.") from failure
        shutil.rmtree(cluster, ignore_errors=True)
        _run_postgres(folder, guard, binaries, passwords)


def _run_postgres(folder: DataFolder, guard: Guard, binaries: ServerBinaries, passwords: dict[str, str]) -> None:
    cluster = folder.servers / "postgresql"
    if not cluster.exists():
        _init_cluster(folder, guard, binaries, passwords[SUPERUSER])
    _end_leftover(folder.servers / POSTGRES_SOCKET, cluster / "postmaster.pid", signal.SIGINT)
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder.servers),
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "max_connections": "200",
    }
    if folder.purpose != "demo":  # lost tests are run again
        options |= {"fsync": "off", "full_page_writes": "off"}
    if folder.purpose not in KEEPING:
        options["synchronous_commit"] = "off"
    server = guard.spawn(
        "PostgreSQL",
        [str(binaries.postgres_bin / "postgres"), "-D", str(cluster), *_as_options(options)],
        environment=_server_environment(),
        log=folder.logs / "postgresql.log",
        stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown: does not wait for its clients
        tier=0,
        folder=Path("/"),
        user=as_server_user(folder.server_user),
    )
    url = postgres_url(folder, SUPERUSER, passwords[SUPERUSER], database="postgres")
    _wait_until(
        lambda: _set_up(url, passwords, for_tests=folder.purpose != "demo"), server, guard, psycopg.OperationalError
    )


def _init_cluster(folder: DataFolder, guard: Guard, binaries: ServerBinaries, password: str) -> None:
    """Make the cluster under another name first, so that an interrupted start leaves none that looks complete."""
    cluster = folder.servers / "postgresql"
    staging = cluster.with_suffix(".new")
    shutil.rmtree(staging, ignore_errors=True)
    password_file = folder.servers / "password"
    password_file.unlink(missing_ok=True)
    descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w") as file:
        file.write(password)
        if folder.server_user:
            os.fchown(descriptor, folder.server_user.uid, folder.server_user.gid)
    command = [
        str(binaries.postgres_bin / "initdb"),
        *("-D", str(staging), "--username", SUPERUSER, "--pwfile", str(password_file), "--auth=scram-sha-256"),
        # Sorting and case as in Unicode's C.UTF-8, built into PostgreSQL: the same whatever the system's locales are.
        *("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        *(["--no-sync"] if folder.purpose != "demo" else []),
    ]
    log = folder.logs / "initdb.log"
    log.unlink(missing_ok=True)
    try:
        maker = guard.spawn(
            "initdb",
            command,
            environment=_server_environment(),
            log=log,
            tier=0,
            folder=Path("/"),
            user=as_server_user(folder.server_user),
        )
        code = guard.wait(maker)
    finally:
        password_file.unlink()
    if code:
        raise ServerFailed(f"initdb failed:\n{maker.last_lines()}")
    staging.rename(cluster)


def _set_up(url: str, passwords: dict[str, str], *, for_tests: bool) -> None:
    """Create or correct the three roles and the database; harmless to repeat."""
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        existing = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role, attribute in ROLES.items():
            statement = "ALTER ROLE {} WITH LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION {} PASSWORD {}"
            if role not in existing:
                connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
            connection.execute(
                sql.SQL(statement).format(sql.Identifier(role), sql.SQL(attribute), sql.Literal(passwords[role]))
            )
        if for_tests:  # their owner drops databases from under whoever is still connected
            connection.execute("GRANT pg_signal_backend TO amber_owner")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER amber_owner").format(sql.Identifier(DATABASE)))


def _as_options(options: dict[str, str]) -> list[str]:
    return [word for name, value in options.items() for word in ("-c", f"{name}={value}")]


def _server_environment() -> dict[str, str]:
    # Without a locale named, PostgreSQL refuses to start on macOS ("became multithreaded during startup").
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


# Valkey


def start_valkey(folder: DataFolder, guard: Guard, binaries: ServerBinaries, password: str) -> str:
    """Start Valkey and return its address. Its configuration goes through a pipe, so the password is in no file."""
    data, address = folder.servers / "valkey", folder.servers / "valkey.sock"
    _end_leftover(address, data / "valkey.pid", signal.SIGTERM)
    settings = {
        "port": "0",
        "unixsocket": f'"{address}"',
        "unixsocketperm": "700",
        "requirepass": password,
        "dir": f'"{data}"',
        "pidfile": f'"{data / "valkey.pid"}"',
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": '""',
        "maxmemory-policy": "noeviction",  # a queue that forgets is none
        "daemonize": "no",
    }
    if not data.exists():
        data.mkdir(mode=0o700)
        if folder.server_user:
            os.chown(data, folder.server_user.uid, folder.server_user.gid)
    server = guard.spawn(
        "Valkey",
        [str(binaries.valkey_server), "-"],
        environment=_server_environment(),
        log=folder.logs / "valkey.log",
        given="".join(f"{name} {value}\n" for name, value in settings.items()).encode(),
        tier=0,
        folder=Path("/"),
        user=as_server_user(folder.server_user),
    )
    url = f"unix://:{password}@{address}"
    with redis.Redis.from_url(url) as client:
        _wait_until(client.ping, server, guard, redis.RedisError)
    return url


# Both


def _wait_until(works: Callable[[], object], server: Child, guard: Guard, not_yet: type[Exception]) -> None:
    """Try until it works; refuses (ServerFailed) when the server has ended or the time is over."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        guard.check()
        try:
            works()
            return
        except not_yet as reason:
            code = server.process.poll()
            if code is None and time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            state = "does not answer" if code is None else f"ended with code {code}"
            raise ServerFailed(f"{server.name} {state} ({reason}). Its log:\n{server.last_lines()}") from reason


def _end_leftover(address: Path, pid_file: Path, stop_signal: int) -> None:
    """End a server of ours that outlived a crash, and remove what a dead one left.

    We hold the folder's lock, so nobody else runs one here. A process number alone proves nothing (it may have been
    given to another process since): only if the socket answers is the number in the file that of our server.
    """
    deadline = time.monotonic() + START_SECONDS
    while _answers(address):
        if time.monotonic() > deadline:
            raise ServerFailed(f"An earlier server at {address} does not end.")
        with contextlib.suppress(OSError, ValueError, IndexError):
            os.kill(int(pid_file.read_text().split()[0]), stop_signal)
        time.sleep(0.2)
    for remains in (pid_file, address, address.with_name(address.name + ".lock")):
        remains.unlink(missing_ok=True)


def _answers(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(address))
        except OSError:
            return False
    return True
