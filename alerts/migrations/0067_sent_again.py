"""Who sent a failed delivery again, and when."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns without a default: nothing is rewritten."""

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("alerts", "0066_plainer_words"),
    ]

    operations = [
        migrations.AddField(
            "delivery", "sent_again_at", models.DateTimeField(blank=True, null=True, verbose_name="sent again")
        ),
        migrations.AddField(
            "delivery",
            "sent_again_by",
            models.ForeignKey(
                blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to=settings.AUTH_USER_MODEL, verbose_name="sent again by",
            ),
        ),
    ]  # fmt: skip
