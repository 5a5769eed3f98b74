"""Rows that are only added: a trigger refuses the rest, whoever asks."""

from __future__ import annotations

from django.db import migrations

# amber_purge may delete what the law no longer allows us to keep, except the audit itself.
FUNCTION = """
CREATE FUNCTION amber_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_ARGV[0] = 'purgeable' AND current_user = 'amber_purge' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""
AUDIT = """
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON agencies_auditevent
    FOR EACH ROW EXECUTE FUNCTION amber_append_only('never');
CREATE TRIGGER audit_not_truncated BEFORE TRUNCATE ON agencies_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION amber_append_only('never');
REVOKE UPDATE, DELETE, TRUNCATE ON agencies_auditevent FROM amber_app, amber_purge;
"""


class Migration(migrations.Migration):
    dependencies = [("agencies", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION amber_append_only()"),
        migrations.RunSQL(
            AUDIT,
            "DROP TRIGGER audit_append_only ON agencies_auditevent;"
            " DROP TRIGGER audit_not_truncated ON agencies_auditevent",
        ),
    ]
