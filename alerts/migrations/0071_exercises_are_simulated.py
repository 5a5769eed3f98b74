"""A delivery of an exercise has an address of the simulator, or is not written (ADR 81)."""

from __future__ import annotations

from django.db import migrations

# Rows made in one statement share their message or notice: it is looked up once, not for each of ten thousand rows.
GUARD = """
CREATE FUNCTION amber_is_of_exercise(message uuid, notice uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM alerts_alertmessage own JOIN alerts_alert alert ON alert.id = own.alert_id
                   WHERE own.id = message AND alert.is_exercise)
        OR EXISTS (SELECT FROM alerts_notice own LEFT JOIN alerts_roleending ending ON ending.id = own.role_ending_id
                   JOIN cases_case about ON about.id = COALESCE(own.case_id, ending.case_id)
                   WHERE own.id = notice AND about.is_exercise)
$$;
CREATE FUNCTION amber_exercises_are_simulated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM FROM (SELECT DISTINCT message_id, notice_id FROM made WHERE address NOT LIKE '%@exercise.invalid') own
        WHERE amber_is_of_exercise(own.message_id, own.notice_id);
    ELSE
        PERFORM WHERE NEW.address NOT LIKE '%@exercise.invalid' AND amber_is_of_exercise(NEW.message_id, NEW.notice_id);
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION 'a delivery of an exercise goes to the simulator only' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER delivery_of_exercise_made AFTER INSERT ON alerts_delivery REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION amber_exercises_are_simulated();
CREATE TRIGGER delivery_of_exercise_changed BEFORE UPDATE OF address, message_id, notice_id ON alerts_delivery
    FOR EACH ROW EXECUTE FUNCTION amber_exercises_are_simulated();
"""
BACK = """
DROP TRIGGER delivery_of_exercise_changed ON alerts_delivery;
DROP TRIGGER delivery_of_exercise_made ON alerts_delivery;
DROP FUNCTION amber_exercises_are_simulated();
DROP FUNCTION amber_is_of_exercise(uuid, uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("alerts", "0067_sent_again"), ("cases", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, BACK)]
