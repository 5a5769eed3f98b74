"""Rows that are only added until purge, and an exercise that stays one."""

from __future__ import annotations

from django.db import migrations

APPEND_ONLY = """
CREATE TRIGGER caseevent_append_only BEFORE UPDATE OR DELETE ON cases_caseevent
    FOR EACH ROW EXECUTE FUNCTION amber_append_only('purgeable');
CREATE TRIGGER caseevent_not_truncated BEFORE TRUNCATE ON cases_caseevent
    FOR EACH STATEMENT EXECUTE FUNCTION amber_append_only('never');
REVOKE UPDATE, DELETE, TRUNCATE ON cases_caseevent FROM amber_app;
"""
EXERCISE = """
CREATE FUNCTION amber_exercise_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'whether % is an exercise is set once', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER case_exercise_stays BEFORE UPDATE OF is_exercise ON cases_case FOR EACH ROW
    WHEN (OLD.is_exercise IS DISTINCT FROM NEW.is_exercise) EXECUTE FUNCTION amber_exercise_stays();
"""
EXERCISE_BACK = "DROP TRIGGER case_exercise_stays ON cases_case; DROP FUNCTION amber_exercise_stays()"
BACK = "DROP TRIGGER caseevent_append_only ON cases_caseevent; DROP TRIGGER caseevent_not_truncated ON cases_caseevent"


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("agencies", "0002_append_only")]

    operations = [migrations.RunSQL(APPEND_ONLY, BACK), migrations.RunSQL(EXERCISE, EXERCISE_BACK)]
