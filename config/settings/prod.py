"""Settings of production: everything secret comes from the environment, everything travels encrypted."""

from __future__ import annotations

import os

from .base import *  # noqa: F403
from .base import FACTOR_KEYS, SECRET_KEY

if not SECRET_KEY:
    raise RuntimeError("AMBER_SECRET_KEY is not set: AMBER Bridge does not start without its secret.")

if not FACTOR_KEYS:
    raise RuntimeError("AMBER_FACTOR_KEYS is not set: AMBER Bridge does not start without the keys of second factors.")

DEBUG = False
SECOND_FACTOR_REQUIRED = True
SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("BEHIND_PROXY") == "1" else None
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
LANGUAGE_COOKIE_SECURE = True
