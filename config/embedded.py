"""PostgreSQL and Valkey (Redis protocol) without anything installed: private servers out of their PyPI wheels.

    python -m config.embedded run --purpose test -- COMMAND…

starts them, runs the command with their addresses in its environment and stops them with it. `DATABASE_URL` and
`REDIS_URL` name servers of one's own instead. The servers listen on unix sockets only, in a folder that nobody else
may enter, and ask for generated passwords (docs/adr/0009-embedded-servers.md). Needs no Django.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import secrets
import sys
from dataclasses import dataclass

from .data_folder import CHECKOUT, DataFolder, FolderError, locked_folder
from .private_servers import ROLES, SUPERUSER, ServerFailed, postgres_url, start_postgres, start_valkey
from .processes import Guard, StopRequested
from .server_binaries import BinariesError, server_binaries

PURPOSES = ("demo", "test", "check")  # a folder each, so that all may run at once
ENDED_BY_REQUEST = 130  # the shells' code for a command that Ctrl-C ended


@dataclass(frozen=True)
class ServerAddresses:
    """Where the servers are, with passwords: for the environment of our own processes, never for a log."""

    database_url: str
    database_owner_url: str
    database_purge_url: str
    redis_url: str
    secret_key: str
    factor_keys: str

    def environment(self) -> dict[str, str]:
        """Return the variables that the settings read."""
        return {
            "DATABASE_URL": self.database_url,
            "DATABASE_OWNER_URL": self.database_owner_url,
            "DATABASE_PURGE_URL": self.database_purge_url,
            "REDIS_URL": self.redis_url,
            "AMBER_SECRET_KEY": self.secret_key,
            "AMBER_FACTOR_KEYS": self.factor_keys,
        }


def ensure_servers(folder: DataFolder, guard: Guard) -> ServerAddresses:
    """Return the servers' addresses: those in the environment, else of private servers that end with `guard`.

    A single `DATABASE_URL` serves all three roles unless `DATABASE_OWNER_URL` and `DATABASE_PURGE_URL` are set too.
    Refuses with ServerFailed, FolderError or BinariesError, each saying what to do.
    """
    folder.create()
    passwords = _passwords(folder)
    binaries = None
    if database_url := os.environ.get("DATABASE_URL"):
        owner_url = os.environ.get("DATABASE_OWNER_URL") or database_url
        purge_url = os.environ.get("DATABASE_PURGE_URL") or database_url
    else:
        binaries = server_binaries(folder.server_user)
        start_postgres(folder, guard, binaries, passwords)
        database_url, owner_url, purge_url = (
            postgres_url(folder, role, passwords[role]) for role in ("amber_app", "amber_owner", "amber_purge")
        )
    redis_url = os.environ.get("REDIS_URL")
    if not redis_url:
        binaries = binaries or server_binaries(folder.server_user)
        redis_url = start_valkey(folder, guard, binaries, passwords["valkey"])
    return ServerAddresses(
        database_url=database_url,
        database_owner_url=owner_url,
        database_purge_url=purge_url,
        redis_url=redis_url,
        secret_key=os.environ.get("AMBER_SECRET_KEY") or passwords["secret_key"],
        factor_keys=os.environ.get("AMBER_FACTOR_KEYS") or passwords["factor_keys"],
    )


def _passwords(folder: DataFolder) -> dict[str, str]:
    """Return the generated passwords and keys, made on the first start, or by the first version that asks, and kept."""
    kept = dict(json.loads(folder.secrets.read_text())) if folder.secrets.exists() else {}
    made = {name: secrets.token_hex(24) for name in (SUPERUSER, *ROLES, "valkey")}
    made["secret_key"] = secrets.token_urlsafe(64)
    made["factor_keys"] = "own:" + base64.b64encode(secrets.token_bytes(32)).decode()
    if kept.keys() >= made.keys():
        return kept
    made |= kept
    staging = folder.secrets.with_suffix(".new")
    staging.unlink(missing_ok=True)
    with open(os.open(staging, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(made, file)
    staging.replace(folder.secrets)
    return made


def run(purpose: str, command: list[str]) -> int:
    """Run `command` with the servers' addresses in its environment; return its exit code."""
    with locked_folder(purpose) as folder, Guard(held=[folder.lock]) as guard:
        addresses = ensure_servers(folder, guard)
        # At a terminal the command stays in our group, so that it may read from it (a debugger does).
        own_group = not sys.stdin.isatty()
        environment = {**os.environ, **addresses.environment()}
        child = guard.spawn("command", command, environment=environment, own_group=own_group, folder=CHECKOUT)
        return guard.wait(child)


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and return an exit code."""
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description=__doc__.split("\n", 1)[0])
    actions = parser.add_subparsers(required=True)
    runner = actions.add_parser("run", help="run a command with private servers")
    runner.add_argument("--purpose", choices=PURPOSES, default="test")
    runner.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    options = parser.parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("name a command after --")
    try:
        return run(options.purpose, command)
    except StopRequested:
        return ENDED_BY_REQUEST
    except (FolderError, BinariesError, ServerFailed) as refusal:
        print(refusal, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
