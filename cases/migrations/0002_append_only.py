"""Rows that are only added until purge."""

from __future__ import annotations

from django.db import migrations

APPEND_ONLY = """
CREATE TRIGGER caseevent_append_only BEFORE UPDATE OR DELETE ON cases_caseevent
    FOR EACH ROW EXECUTE FUNCTION amber_append_only('purgeable');
CREATE TRIGGER caseevent_not_truncated BEFORE TRUNCATE ON cases_caseevent
    FOR EACH STATEMENT EXECUTE FUNCTION amber_append_only('never');
REVOKE UPDATE, DELETE, TRUNCATE ON cases_caseevent FROM amber_app;
"""
BACK = "DROP TRIGGER caseevent_append_only ON cases_caseevent; DROP TRIGGER caseevent_not_truncated ON cases_caseevent"


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("agencies", "0002_append_only")]

    operations = [migrations.RunSQL(APPEND_ONLY, BACK)]
