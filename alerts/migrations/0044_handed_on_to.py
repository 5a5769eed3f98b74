"""A kept request names the program to which it was handed on (U35)."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agencies", "0001_initial"), ("alerts", "0043_may_have_arrived")]

    operations = [
        migrations.AddField(
            model_name="keptrequest",
            name="handed_on_to",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to="agencies.alertprogram", verbose_name="program it was handed on to",
            ),
        ),
    ]  # fmt: skip
