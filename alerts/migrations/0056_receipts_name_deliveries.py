from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alerts", "0055_number_proofs")]

    operations = [
        migrations.AddField(
            "providerreceipt",
            "delivery_key",
            models.UUIDField(blank=True, null=True, verbose_name="number of the delivery"),
        ),
    ]
