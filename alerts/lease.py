"""The lease of claimed rows, renewed from a thread while their holder sends."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)
RENEWALS_PER_LEASE = 4
MOST_RENEWALS = 24  # a sender that hangs for good loses its lease in the end


@contextmanager
def renewed(renew: Callable[[], None]) -> Iterator[None]:
    """Renew a lease from a thread by calling this: one mail to a slow server may take longer than the lease."""
    is_over = threading.Event()
    thread = threading.Thread(target=_renew, args=(renew, is_over), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _renew(renew: Callable[[], None], is_over: threading.Event) -> None:
    try:
        for _renewal in range(MOST_RENEWALS):
            if is_over.wait(settings.ALERTS_LEASE_SECONDS / RENEWALS_PER_LEASE):
                return
            try:
                renew()
            except DatabaseError as error:
                logger.warning("lease not renewed: %s", type(error).__name__)
                connection.close()
    finally:
        connection.close()  # this thread's own
