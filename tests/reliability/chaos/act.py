"""One act in a process of its own, as a web process does it: commit, then wake the worker – or die in between.

python -m tests.reliability.chaos.act activate|issue|cancel ID USER [--die]
"""

from __future__ import annotations

import os
import sys

import django

EXIT_CODE = 9


def main() -> None:
    """Do what the command line says."""
    django.setup()
    from django.db import transaction

    from agencies import access, scope
    from agencies.models import User
    from alerts.models import Alert, AlertUpdate
    from alerts.services import issuing, updates

    act, pk, user = sys.argv[1:4]
    by = User.objects.get(pk=user)
    with scope.acting_for(access.all_agency_ids(by), person=by.pk), transaction.atomic():
        if "--die" in sys.argv:
            transaction.on_commit(lambda: os._exit(EXIT_CODE))  # what is registered first runs first
        if act == "activate":
            issuing.activate(alert=Alert.objects.get(pk=pk), by=by)
        elif act == "cancel":
            issuing.cancel(alert=Alert.objects.get(pk=pk), by=by, reason="hoax")
        else:
            update = AlertUpdate.objects.get(pk=pk)
            updates.issue(update=update, by=by, seen_hash=updates.update_hash(update))


if __name__ == "__main__":
    main()
