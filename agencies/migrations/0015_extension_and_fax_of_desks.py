"""Desks get an extension and a fax number beside their telephone (U27)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agencies", "0014_sealing_cases")]

    operations = [
        migrations.AddField("agency", "desk_extension", models.CharField("extension", max_length=8, blank=True, default=""), preserve_default=False),
        migrations.AddField("agency", "desk_fax", models.CharField("24-hour desk fax", max_length=20, blank=True, default=""), preserve_default=False),
        migrations.AlterField("agency", "desk_phone", models.CharField("24-hour desk phone", max_length=20, blank=True)),
        migrations.AlterField("alertprogram", "tip_phone", models.CharField("tip line", max_length=20)),
        migrations.AlterField("alertprogram", "abroad_phone", models.CharField("tip line from abroad", max_length=20)),
    ]
