"""Rows that are only added until purge, and an exercise that stays one."""

from __future__ import annotations

from django.db import migrations

APPEND_ONLY = """
CREATE TRIGGER alertmessage_append_only BEFORE UPDATE OR DELETE ON alerts_alertmessage
    FOR EACH ROW EXECUTE FUNCTION amber_append_only('purgeable');
CREATE TRIGGER alertmessage_not_truncated BEFORE TRUNCATE ON alerts_alertmessage
    FOR EACH STATEMENT EXECUTE FUNCTION amber_append_only('never');
REVOKE UPDATE, DELETE, TRUNCATE ON alerts_alertmessage FROM amber_app;
CREATE TRIGGER deliveryattempt_append_only BEFORE UPDATE OR DELETE ON alerts_deliveryattempt
    FOR EACH ROW EXECUTE FUNCTION amber_append_only('purgeable');
CREATE TRIGGER deliveryattempt_not_truncated BEFORE TRUNCATE ON alerts_deliveryattempt
    FOR EACH STATEMENT EXECUTE FUNCTION amber_append_only('never');
REVOKE UPDATE, DELETE, TRUNCATE ON alerts_deliveryattempt FROM amber_app;
"""
EXERCISE = """
CREATE TRIGGER alert_exercise_stays BEFORE UPDATE OF is_exercise ON alerts_alert FOR EACH ROW
    WHEN (OLD.is_exercise IS DISTINCT FROM NEW.is_exercise) EXECUTE FUNCTION amber_exercise_stays();
"""
EXERCISE_BACK = "DROP TRIGGER alert_exercise_stays ON alerts_alert"
BACK = "DROP TRIGGER alertmessage_append_only ON alerts_alertmessage; DROP TRIGGER alertmessage_not_truncated ON alerts_alertmessage; DROP TRIGGER deliveryattempt_append_only ON alerts_deliveryattempt; DROP TRIGGER deliveryattempt_not_truncated ON alerts_deliveryattempt"


class Migration(migrations.Migration):
    dependencies = [("alerts", "0001_initial"), ("agencies", "0002_append_only"), ("cases", "0002_append_only")]

    operations = [migrations.RunSQL(APPEND_ONLY, BACK), migrations.RunSQL(EXERCISE, EXERCISE_BACK)]
