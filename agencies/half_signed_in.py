"""Between the password and the code: a note in the session of nobody, which grants nothing and lasts five minutes.

Nobody is signed in by it: `request.user` stays anonymous, so that every page, the administration and the API answer
as to a stranger.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from agencies import audit
from agencies.models import User

KEPT_AS = "half_signed_in"
PROVEN_WITH = "second_factor"  # in a session: the factor that it was begun with


@dataclass(frozen=True)
class HalfSignedIn:
    """Who has given the right password, and where they go after the code."""

    user: User
    target: str


def begin(request: HttpRequest, *, user: User, target: str) -> None:
    """Note that this person has given the right password. `target` is an address of ours, checked by the caller."""
    request.session.cycle_key()
    request.session[KEPT_AS] = {
        "user": str(user.pk), "target": target, "at": time.time(), "password": user.get_session_auth_hash(),
        "backend": user.backend,  # type: ignore[attr-defined]  # set by authenticate()
    }  # fmt: skip


def current(request: HttpRequest) -> HalfSignedIn | None:
    """Return whose code is waited for; nobody's after five minutes, or once password or account has changed."""
    kept = request.session.get(KEPT_AS)
    if not kept:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).exclude(second_factor=None).first()
    is_late = not 0 <= time.time() - kept["at"] <= settings.SECOND_FACTOR_SECONDS
    if user is None or is_late or not constant_time_compare(kept["password"], user.get_session_auth_hash()):
        forget(request)
        return None
    return HalfSignedIn(user, kept["target"])


def forget(request: HttpRequest) -> None:
    """Begin again at the password."""
    request.session.pop(KEPT_AS, None)


def finish(request: HttpRequest, half: HalfSignedIn, *, proven_by: str) -> None:
    """Sign the person in, after `second_factor.prove`."""
    kept = request.session.pop(KEPT_AS)
    login(request, half.user, backend=kept["backend"])
    mark(request, half.user)
    audit.record("session.started", by=half.user, detail={"factor": proven_by})


def mark(request: HttpRequest, user: User) -> None:
    """Let this session stand for the second factor that the person has now, if any."""
    request.session[PROVEN_WITH] = str(user.second_factor_id or "")


def is_proven(request: HttpRequest, user: User) -> bool:
    """Say whether this session was begun with the second factor that the person has now, if they have one."""
    return request.session.get(PROVEN_WITH, "") == str(user.second_factor_id or "")
