"""Child processes that never outlive us, however we end.

Three ways lead to the same end. We stop our children ourselves on Ctrl-C, SIGTERM, SIGHUP or when our own parent
is gone. Should we be killed with -9, a watcher notices on any system that the pipe from us has closed and ends what
we had started; on Linux the kernel also tells each child (PR_SET_PDEATHSIG), which covers the watcher's own death.

Run as a script, this file is that watcher; therefore it imports the standard library only.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

POLL_SECONDS = 0.1
GRACE_SECONDS = 10.0  # before SIGKILL
PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class StopRequested(Exception):
    """Somebody asked us to stop, or our parent is gone."""


@dataclass(frozen=True)
class Target:
    """What has to be signalled to end one child: its group where it leads one, else the process alone."""

    pid: int
    stop_signal: int
    leads_group: bool
    tier: int  # higher tiers stop first; servers are tier 0

    def send(self, number: int) -> bool:
        """Send a signal (0 only asks); return whether anything was there to receive it."""
        try:
            (os.killpg if self.leads_group else os.kill)(self.pid, number)
        except (ProcessLookupError, PermissionError):  # macOS refuses a group of which only zombies are left
            return False
        return True

    def is_alive(self) -> bool:
        """Return whether anything of it still runs.

        An orphan stays a zombie until process 1 collects it, which in a container may be late or never: where there
        is a /proc, zombies do not count.
        """
        if not self.send(0):
            return False
        states = [state for pid, group, state in _process_table() if self.pid == (group if self.leads_group else pid)]
        return not states or any(state not in "ZX" for state in states)


def _process_table() -> Iterator[tuple[int, int, str]]:
    """Yield number, group and state of every process, from proc(5); nothing on systems without it."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has just ended
            name, _, rest = path.read_text(errors="replace").rpartition(")")
            state, _parent, group, *_ = rest.split()
            yield int(name.split(" ", 1)[0]), int(group), state


def end_targets(targets: Sequence[Target], reap: Callable[[], None], hurry: Callable[[], bool]) -> None:
    """End all targets, tier by tier: their own stop signal first, SIGKILL after the grace or when in a hurry."""
    for tier in sorted({target.tier for target in targets}, reverse=True):
        left = [target for target in targets if target.tier == tier]
        for target in left:
            # The leader alone gets the polite signal: it knows in which order its own children end.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(target.pid, target.stop_signal)
        deadline = time.monotonic() + GRACE_SECONDS
        while left and time.monotonic() < deadline and not hurry():
            reap()
            left = [target for target in left if target.is_alive()]
            time.sleep(POLL_SECONDS / 2)
        for target in left:
            target.send(signal.SIGKILL)
        reap()


@dataclass
class Child:
    """A process of ours."""

    name: str
    process: subprocess.Popen[bytes]
    target: Target
    log: Path | None

    def last_lines(self, count: int = 20) -> str:
        """Return the end of the child's log."""
        if self.log is None or not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - 16_384))
            return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-count:])


class Guard:
    """Starts children and makes sure that they end with us. To be used in the main thread, as a context manager.

    `held` are file descriptors that the watcher keeps open until everything has ended: the lock of the data folder.
    """

    def __init__(self, *, held: Sequence[int] = ()) -> None:
        self._held = tuple(held)
        self._children: list[Child] = []
        self._first_signal: float | None = None
        self._in_hurry = False
        self._parent = os.getppid()
        self._handlers: dict[int, Any] = {}
        self._start_watcher()

    def __enter__(self) -> Guard:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._handlers[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        # Only noted: an exception from here could come between the start of a child and its registration.
        now = time.monotonic()
        if self._first_signal is None:
            self._first_signal = now
        elif number == signal.SIGINT and now - self._first_signal > 1:  # one Ctrl-C may reach us twice, through make
            self._in_hurry = True

    @property
    def children(self) -> list[Child]:
        """Return the children that were started and not yet forgotten."""
        return list(self._children)

    @property
    def stop_requested(self) -> bool:
        """Return whether a signal came or our parent is gone (a process of init's has none to lose)."""
        return self._first_signal is not None or (self._parent != 1 and os.getppid() != self._parent)

    def check(self) -> None:
        """Raise StopRequested when it is time to stop; renew the watcher should it have died."""
        if self.stop_requested:
            raise StopRequested
        if self._watcher.poll() is not None:
            os.close(self._pipe)
            self._start_watcher()
            for child in self._children:
                self._tell_watcher("start", child.target)

    def sleep(self, seconds: float) -> None:
        """Sleep, but not through a request to stop."""
        deadline = time.monotonic() + seconds
        while True:
            self.check()
            left = deadline - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(POLL_SECONDS, left))

    def spawn(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        log: Path | None = None,
        given: bytes | None = None,
        stop_signal: int = signal.SIGTERM,
        tier: int = 1,
        own_group: bool = True,
        folder: Path | None = None,
        user: Mapping[str, Any] | None = None,
    ) -> Child:
        """Start `command` and return it; it ends with us.

        Its output goes to `log`, or to ours where there is none; `given` is all that it reads from standard input.
        `own_group=False` leaves it in our group, so that it may use the terminal; `user` holds `subprocess`'s arguments
        for another user.
        """
        parent = os.getpid()
        output = _opened_log(log) if log else None
        try:
            process = subprocess.Popen(
                command,
                env=environment,
                cwd=folder,
                stdin=subprocess.PIPE if given is not None else None if not own_group else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=own_group,
                preexec_fn=lambda: _end_with_parent(stop_signal, parent),  # noqa: PLW1509  we run no threads
                **(user or {}),
            )
        finally:
            if output is not None:
                os.close(output)
        target = Target(pid=process.pid, stop_signal=stop_signal, leads_group=own_group, tier=tier)
        self._tell_watcher("start", target)
        child = Child(name=name, process=process, target=target, log=log)
        self._children.append(child)
        if given is not None and process.stdin:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(given)
                process.stdin.close()
        return child

    def wait(self, child: Child) -> int:
        """Wait for the end of a child and return its exit code; raises StopRequested instead of waiting on."""
        while (code := child.process.poll()) is None:
            self.check()
            time.sleep(POLL_SECONDS / 4)
        self.forget(child)
        return code

    def forget(self, child: Child) -> None:
        """Take a child that has ended off the list, after ending what it may have left behind."""
        if child.target.leads_group:
            child.target.send(signal.SIGKILL)
        self._children.remove(child)
        self._tell_watcher("end", child.target)

    def stop(self) -> None:
        """End every child, the last tier first; a second Ctrl-C shortens the grace to nothing."""
        end_targets([child.target for child in self._children], self._reap, lambda: self._in_hurry)
        for child in self._children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=5)
        self._children.clear()
        with contextlib.suppress(OSError):
            os.write(self._pipe, b"done\n")
        os.close(self._pipe)
        self._watcher.wait()

    def _reap(self) -> None:
        for child in self._children:
            child.process.poll()

    def _start_watcher(self) -> None:
        read_end, self._pipe = os.pipe()
        try:
            self._watcher = subprocess.Popen(
                [sys.executable, "-I", "-S", str(Path(__file__).resolve())],
                stdin=read_end,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,  # a signal to our group must not reach it
                pass_fds=self._held,
            )
        finally:
            os.close(read_end)

    def _tell_watcher(self, word: str, target: Target) -> None:
        line = f"{word} {target.pid} {target.stop_signal} {int(target.leads_group)} {target.tier}\n"
        with contextlib.suppress(BrokenPipeError):  # `check` starts another one and tells it everything
            os.write(self._pipe, line.encode())


def _opened_log(path: Path) -> int:
    """Open a log for appending; one of more than 5 MB is put aside first."""
    if path.exists() and path.stat().st_size > 5_000_000:
        path.replace(path.with_suffix(".old.log"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def _end_with_parent(number: int, parent: int) -> None:
    """In the child, before its program: ask Linux for a signal when the parent dies. Others have the watcher."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)


def watch(lines: Callable[[], str]) -> None:
    """Keep the list of somebody's children from `lines`, and end them when the lines end without a "done"."""
    targets: dict[int, Target] = {}
    while line := lines():
        word, *numbers = line.split()
        if word == "done":
            return
        pid, stop_signal, leads_group, tier = map(int, numbers)
        if word == "start":
            targets[pid] = Target(pid=pid, stop_signal=stop_signal, leads_group=bool(leads_group), tier=tier)
        else:
            targets.pop(pid, None)
    end_targets(list(targets.values()), reap=lambda: None, hurry=lambda: False)


if __name__ == "__main__":
    for _number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(_number, signal.SIG_IGN)
    watch(sys.stdin.readline)
