"""Settings of `make test`: fast hashes, mail in memory, static files without a manifest."""

from __future__ import annotations

import os

from .base import *  # noqa: F403

SECRET_KEY = "test-only-secret-key-of-sufficient-length-for-the-checks-0123456789"
FACTOR_KEYS = "test:dGVzdHMgb25seTogMzIgYnl0ZXMgb2YgYSBrZXkhISE="
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# One mail after the other, in this thread: what a test puts in a line's place may use the test's transaction.
ALERTS_MAIL_LINES = int(os.environ.get("TEST_MAIL_LINES", "1"))
# Mail stays in memory; the processes of browser and reliability tests send theirs to a sink.
EMAIL_BACKEND = os.environ.get("TEST_EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
# No collected static files here: the finders serve them, to the browser tests too.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
# On a slow machine a minute may pass between two answers that a test compares; one of them would set the cookie anew.
SESSION_SEEN_SECONDS = 600
DESK_CHECKS_PER_ROUND = 0  # its own tests ask
# Never an account of whoever runs the tests: only what the reliability tests name, which stands on this machine.
ALERTS_SMS_SIMULATED = not os.environ.get("AMBER_SMS_API", "").startswith("http://127.0.0.1:")
ALERTS_EXPECTED_PROCESSES = frozenset()  # tests run none, or their own
# The short form of the chaos runs cannot wait for a lease of the usual length.
ALERTS_LEASE_SECONDS = int(os.environ.get("TEST_LEASE_SECONDS", ALERTS_LEASE_SECONDS))  # noqa: F405
