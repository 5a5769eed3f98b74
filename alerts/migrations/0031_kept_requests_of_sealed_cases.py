"""What an agency keeps of a request is hidden with its sealed case from everybody but the named readers (ADR 65)."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("alerts", "0030_kept_photos"), ("cases", "0030_seals")]

    operations = [
        migrations.RunSQL(
            "ALTER POLICY seen ON alerts_keptrequest USING ((SELECT amber_everything())"
            " OR agency_id = ANY (amber_agencies()) AND amber_open_to_me(case_id) OR amber_sees_case(case_id))",
            "ALTER POLICY seen ON alerts_keptrequest USING ((SELECT amber_everything())"
            " OR agency_id = ANY (amber_agencies()) OR amber_sees_case(case_id))",
        ),
    ]
