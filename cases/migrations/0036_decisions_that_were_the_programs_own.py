"""Decisions recorded before 0034: those set by an activation and those of a lead agency that runs the program are its own.

The table is only added to (ADR 34); its trigger rests for this one statement, which fills a new column.
"""

from django.db import migrations

OWN = """
ALTER TABLE cases_homedecision DISABLE TRIGGER homedecision_append_only;
UPDATE cases_homedecision decision SET is_own = true
FROM cases_case file, agencies_alertprogram program
WHERE file.id = decision.case_id AND program.id = decision.program_id AND NOT decision.is_own AND (
    decision.is_automatic OR program.agency_id = file.lead_agency_id OR EXISTS (
        SELECT FROM agencies_programdesk desk
        WHERE desk.program_id = program.id AND desk.agency_id = file.lead_agency_id
    )
);
ALTER TABLE cases_homedecision ENABLE TRIGGER homedecision_append_only;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0035_readers_named_by_operators"), ("agencies", "0017_second_factor")]

    operations = [migrations.RunSQL(OWN, migrations.RunSQL.noop)]
