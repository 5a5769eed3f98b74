"""The versions of facts: only added, shown only to agencies on the case, gone with what must go (ADR 62)."""

from __future__ import annotations

from django.db import migrations

TRACKED = (
    "case", "abduction", "crossingindication", "child", "person", "vehicle", "plate", "travelleg", "link", "sighting",
    "photo", "externalreference", "parallelnotice",
)  # fmt: skip
# Runs for the purge alone: nobody else may remove a version.
FORGET = """
CREATE FUNCTION amber_forget_versions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DELETE FROM %I WHERE pgh_obj_id = $1', TG_ARGV[0]) USING OLD.id;
    RETURN NULL;
END $$;
"""


def protect(table: str) -> str:
    """Return the statements for one kind of fact."""
    versions = f"cases_{table}version"
    led = "amber_leads_case(pgh_obj_id) OR amber_sees_case(pgh_obj_id)"  # a case is there before its accesses are
    policy = f"'amber_sees_case(pgh_obj_id)', '{led}'" if table == "case" else "'amber_sees_case(case_id)'"
    return f"""
CALL amber_protect('{versions}', {policy});
CREATE TRIGGER versions_append_only BEFORE UPDATE OR DELETE ON {versions}
    FOR EACH ROW EXECUTE FUNCTION amber_append_only('purgeable');
CREATE TRIGGER versions_not_truncated BEFORE TRUNCATE ON {versions}
    FOR EACH STATEMENT EXECUTE FUNCTION amber_append_only('never');
REVOKE UPDATE, DELETE, TRUNCATE ON {versions} FROM amber_app;
CREATE TRIGGER versions_forgotten AFTER DELETE ON cases_{table}
    FOR EACH ROW WHEN (current_user = 'amber_purge') EXECUTE FUNCTION amber_forget_versions('{versions}');
"""


def open_again(table: str) -> str:
    """Return the statements that take this back."""
    versions = f"cases_{table}version"
    return (
        f"DROP TRIGGER versions_forgotten ON cases_{table}; DROP TRIGGER versions_append_only ON {versions};"
        f" DROP TRIGGER versions_not_truncated ON {versions}; DROP POLICY seen ON {versions};"
        f" DROP POLICY purged ON {versions}; ALTER TABLE {versions} DISABLE ROW LEVEL SECURITY;"
    )


def begin(apps: object, schema_editor: object) -> None:
    """Keep what stands there today as the version before the first change; who wrote it is not known."""
    with schema_editor.connection.cursor() as cursor:  # type: ignore[attr-defined]
        for table in TRACKED:
            cursor.execute(
                "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attname NOT LIKE 'pgh\\_%%'",
                [f"cases_{table}version"],
            )
            columns = cursor.fetchone()[0]
            cursor.execute(
                f"INSERT INTO cases_{table}version ({columns}, pgh_created_at, pgh_label, pgh_obj_id)"  # noqa: S608
                f" SELECT {columns}, clock_timestamp(), 'begin', id FROM cases_{table} ORDER BY id"
            )


class Migration(migrations.Migration):
    dependencies = [("cases", "0025_field_history")]

    operations = [
        migrations.RunPython(begin, migrations.RunPython.noop),
        migrations.RunSQL(FORGET, "DROP FUNCTION amber_forget_versions()"),
        migrations.RunSQL("".join(map(protect, TRACKED)), "".join(map(open_again, TRACKED))),
    ]
