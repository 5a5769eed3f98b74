"""Where the private servers and the demo keep their data: one short folder per checkout and purpose.

<cache>/amber-bridge/<hash of the checkout>-<purpose>/   ours
    servers/        0700, of the user that runs the servers: their data and their unix sockets
    secrets.json    0600, generated passwords
    logs/  mail/    what the processes wrote
<cache>/amber-bridge/<hash of the checkout>-<purpose>.lock   held as long as anything of it runs
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
POSTGRES_SOCKET = ".s.PGSQL.5432"
# sun_path holds 108 bytes on Linux and 104 on macOS, the closing zero included.
LONGEST_SOCKET_PATH = 103
SERVER_USERS = ("postgres", "_postgres", "nobody", "daemon")


class FolderError(Exception):
    """The data folder cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class ServerUser:
    """The unprivileged user that runs the servers where we are root ourselves."""

    name: str
    uid: int
    gid: int

    @property
    def popen_arguments(self) -> dict[str, object]:
        """Return the arguments with which `subprocess` starts a process as this user and in no other group."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True)
class DataFolder:
    """One purpose's folder, locked for us."""

    root: Path
    purpose: str
    server_user: ServerUser | None
    lock: int  # a file descriptor; whoever inherits it keeps the folder locked

    @property
    def servers(self) -> Path:
        """Return the folder of the servers' data and sockets."""
        return self.root / "servers"

    @property
    def logs(self) -> Path:
        """Return the folder in which every process has its log."""
        return self.root / "logs"

    @property
    def mails(self) -> Path:
        """Return the folder in which the demo keeps what it would have sent."""
        return self.root / "mail"

    @property
    def secrets(self) -> Path:
        """Return the file of the generated passwords."""
        return self.root / "secrets.json"

    def create(self) -> None:
        """Make what is missing of the folder, with its owners and modes."""
        # The servers' user has to walk through our folder, not to read it.
        _make_folder(self.root, 0o711 if self.server_user else 0o700)
        _make_folder(self.logs, 0o700)
        _make_folder(self.mails, 0o700)
        if not self.servers.exists():
            self.servers.mkdir(mode=0o700)
            if self.server_user:
                os.chown(self.servers, self.server_user.uid, self.server_user.gid)

    def discard(self) -> None:
        """Remove everything in the folder, and the folder."""
        if self.root.exists():
            shutil.rmtree(self.root)


def as_server_user(user: ServerUser | None) -> dict[str, object]:
    """Return the `subprocess` arguments that start a process as the servers' user (nothing where that is us)."""
    return user.popen_arguments if user else {}


def folder_path(purpose: str) -> Path:
    """Return the data folder of this checkout for one purpose, without making it.

    Refuses (FolderError) where no place is writable for us and short enough for a socket.
    """
    name = f"{hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:10]}-{purpose}"
    refusals = []
    for base in _bases():
        root = base / name
        if len(os.fsencode(root / "servers" / POSTGRES_SOCKET)) > LONGEST_SOCKET_PATH:
            refusals.append(f"{base}: the path is too long for a unix socket")
            continue
        try:
            _make_folder(base, 0o755 if os.geteuid() == 0 else 0o700)
        except (OSError, FolderError) as refusal:
            refusals.append(str(refusal))
            continue
        return root
    raise FolderError("No place for the data folder. " + "; ".join(refusals) + ". Name one with AMBER_DATA_HOME.")


@contextmanager
def locked_folder(purpose: str, *, patience: float = 25.0) -> Iterator[DataFolder]:
    """Lock this checkout's folder for `purpose` and yield it; nothing is made in it yet.

    Waits up to `patience` seconds, because an earlier run may still be stopping. Refuses (FolderError) afterwards.
    """
    root = folder_path(purpose)
    lock = os.open(f"{root}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        _wait_for_lock(lock, purpose, patience)
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield DataFolder(root=root, purpose=purpose, server_user=_server_user(root), lock=lock)
    finally:
        os.close(lock)


def _wait_for_lock(lock: int, purpose: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    said = False
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode() or "unknown"
        if time.monotonic() > deadline:
            raise FolderError(f"The {purpose} of this checkout is already running (process {holder}). Stop it first.")
        if not said:
            print(f"Waiting for an earlier {purpose} of this checkout to stop (process {holder})…", flush=True)
            said = True
        time.sleep(0.2)


def system_caches() -> list[Path]:
    """Return the system-wide folders, best first, in which root may keep a folder of ours.

    A cache folder comes before a temporary one, from which systems remove files that were not read for weeks.
    """
    caches = [Path("/Library/Caches")] if sys.platform == "darwin" else [Path("/var/cache")]
    return [path for path in (*caches, Path("/var/tmp"), Path(tempfile.gettempdir())) if path.is_dir()]  # noqa: S108


def _bases() -> Iterator[Path]:
    """Yield the folders that may hold our data folders, best first."""
    if named := os.environ.get("AMBER_DATA_HOME"):
        yield Path(named).resolve()
        return
    if os.geteuid() == 0:
        yield from (path / "amber-bridge" for path in system_caches())
        return
    home = Path.home()
    if sys.platform == "darwin":
        yield home / "Library" / "Caches" / "amber-bridge"
    else:
        yield Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "amber-bridge"
    for temporary in (Path("/var/tmp"), Path(tempfile.gettempdir())):  # noqa: S108  checked to be ours alone
        yield temporary / f"amber-bridge-{os.geteuid()}"


def _make_folder(path: Path, mode: int) -> None:
    """Make one folder of ours; refuses one that exists and that somebody else owns or may write to."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=mode)
        path.chmod(mode)  # whatever the umask is
    except FileExistsError:
        pass
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o022:
        raise FolderError(f"{path} is not a folder of ours alone")


def _server_user(root: Path) -> ServerUser | None:
    """Return the user for the servers: nobody special where we are unprivileged, else one that exists.

    The owner of data that exist already comes first: PostgreSQL refuses a folder of another user.
    """
    if os.geteuid() != 0:
        return None
    entries = []
    with suppress(OSError, KeyError):
        entries.append(pwd.getpwuid((root / "servers").stat().st_uid))
    for name in SERVER_USERS:
        with suppress(KeyError):
            entries.append(pwd.getpwnam(name))
    for entry in entries:
        user = ServerUser(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
        if entry.pw_uid != 0 and can_reach(user, root.parent):
            return user
    raise FolderError(f"Root cannot run the servers, and none of {', '.join(SERVER_USERS)} exists and reaches {root}.")


def can_reach(user: ServerUser, *paths: Path) -> bool:
    """Return whether `user` may walk into or run every one of `paths`."""
    script = 'for path in "$@"; do test -x "$path" || exit 1; done'
    command = ["/bin/sh", "-c", script, "sh", *map(str, paths)]
    return subprocess.run(command, check=False, cwd="/", **user.popen_arguments).returncode == 0  # type: ignore[call-overload]
