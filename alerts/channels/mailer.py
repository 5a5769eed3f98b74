"""Several lines to the mail server, a mail at a time on each, so that its distance is not waited for mail by mail."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from django.core.mail import EmailMultiAlternatives

from .email import Line
from .outcome import Outcome, not_begun, try_again
from .refusing import REFUSED, ExerciseRefused

logger = logging.getLogger(__name__)
LOOK_UP_SECONDS = 0.25  # how long the caller waits for an outcome before it may do something else
GATHER_SECONDS = 0.003  # outcomes come by the handful: waking the caller for each costs as much as a mail
LONGEST_SECONDS = 30.0  # for one mail; a server that sends its answer byte by byte never lets a read time out
UNKNOWN = try_again("not sent", is_uncertain=True)  # a fault of ours: what is unknown is tried again


class Mailer:
    """Mails on their way, over at most so many lines; each but the only one runs in a thread of its own.

    The caller may use the database between two outcomes. `may_begin` is asked with a mail's key at the last moment.
    A line on which one mail takes longer than `LONGEST_SECONDS` is cut, and left behind where it cannot be cut; what
    became of that mail is uncertain.
    """

    def __init__(self, lines: int, may_begin: Callable[[Hashable], bool] = lambda _key: True) -> None:
        self.at_once = lines * 8 if lines > 1 else 1  # enough that no line waits for the caller
        self._most, self._may_begin = lines, may_begin
        self._keys: set[Hashable] = set()
        self._waiting: queue.SimpleQueue[tuple[Hashable, EmailMultiAlternatives] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[Hashable, Outcome]] = queue.SimpleQueue()
        self._lines: dict[threading.Thread, Line] = {}
        self._tries: dict[Line, Hashable] = {}
        self._only = Line()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._may_begin = lambda _key: False  # what waits has no caller any more
        for _thread in self._lines:
            self._waiting.put(None)
        self._only.__exit__(kind, error, traceback)
        while any(thread.is_alive() for thread in self._lines):
            self._cut_stuck()
            for thread in list(self._lines):
                thread.join(LOOK_UP_SECONDS)

    @property
    def pending(self) -> int:
        """Return how many mails have no outcome yet."""
        return len(self._keys)

    def begin(self, mails: Iterable[tuple[Hashable, EmailMultiAlternatives]]) -> None:
        """Send mails, each with the key that its outcome comes with."""
        for key, mail in mails:
            self._keys.add(key)
            if self._most == 1:
                self._done.put((key, self._send(self._only, key, mail)))
                continue
            self._waiting.put((key, mail))
            if len(self._lines) < min(self._most, len(self._keys)):
                line = Line()
                thread = threading.Thread(target=self._run, args=(line,), name="mails", daemon=True)
                self._lines[thread] = line
                thread.start()

    def outcomes(self) -> list[tuple[Hashable, Outcome]]:
        """Return the outcomes that have come, each with its key; none when none came for a quarter of a second."""
        found = []
        with suppress(queue.Empty):
            found.append(self._done.get(timeout=LOOK_UP_SECONDS))
            if self._most > 1:
                time.sleep(GATHER_SECONDS)
            while True:
                found.append(self._done.get_nowait())
        if not found:
            self._cut_stuck()
        found = [(key, outcome) for key, outcome in found if key in self._keys]  # not of lines left behind
        self._keys.difference_update(key for key, _outcome in found)
        return found

    def _cut_stuck(self) -> None:
        now = time.monotonic()
        for thread, line in list(self._lines.items()):
            since = line.since
            if since is not None and now - since > LONGEST_SECONDS:
                line.cut()
            if since is not None and now - since > 2 * LONGEST_SECONDS:
                logger.error("a line to the mail server is left behind")
                self._done.put((self._tries[line], UNKNOWN))
                del self._lines[thread]

    def _run(self, line: Line) -> None:
        with line:
            while (item := self._waiting.get()) is not None:
                key, mail = item
                self._tries[line] = key
                self._done.put((key, self._send(line, key, mail)))

    def _send(self, line: Line, key: Hashable, mail: EmailMultiAlternatives) -> Outcome:
        try:
            return line.send(mail) if self._may_begin(key) else not_begun("withdrawn")
        except ExerciseRefused:
            logger.exception("a mail of an exercise was kept from a real line")
            return REFUSED
        except Exception:
            logger.exception("a mail failed by a fault of ours")
            return UNKNOWN
