"""Settings of `make demo` and of a developer's shell."""

from __future__ import annotations

from .base import *  # noqa: F403
from .base import SECRET_KEY as _secret_key

# The demo runs over plain HTTP on the loopback address only.
SECRET_KEY = _secret_key or "only-for-commands-that-need-no-secret"
DEBUG = False
SECURE_SSL_REDIRECT = False
# The addresses of the demonstration are invented: nobody is asked whether they are right.
DESK_CHECKS_PER_ROUND = 0
ALERTS_SMS_SIMULATED = not ALERTS_SMS_ACCOUNTS  # noqa: F405  without an account nothing leaves this machine
