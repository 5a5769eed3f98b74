"""Parts behind the second lock, and in the search: a part that is police-only finds its case for its readers only."""

from __future__ import annotations

import importlib

from django.db import migrations

FIND: str = importlib.import_module("cases.migrations.0024_search_behind_policies").FIND
PARTED = (
    "abduction", "child", "crossingindication", "document", "externalreference", "parallelnotice", "person", "photo",
    "sighting", "travelleg", "vehicle",
)  # fmt: skip
QUESTIONS = """
-- Whether agencies read all these police-only parts of a row: they lead the case, or were given each by name.
CREATE FUNCTION amber_reads_parts(asking bigint[], asked_case uuid, asked_row uuid, held text[]) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN held = '{}' OR EXISTS (
        SELECT FROM public.cases_caseaccess led WHERE led.case_id = asked_case AND led.agency_id = ANY (asking)
            AND led.level = 'own' AND (led.until IS NULL OR led.until > statement_timestamp())
    ) OR NOT EXISTS (
        SELECT FROM unnest(held) kept WHERE NOT EXISTS (
            SELECT FROM public.cases_partrelease given WHERE given.subject_id = asked_row AND given."group" = kept
                AND given.agency_id = ANY (asking) AND given.ended_at IS NULL
        )
    );
END $$;
CREATE FUNCTION amber_held(marks jsonb, is_row_held boolean) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN is_row_held THEN '{row}'::text[] ELSE '{}' END
        || ARRAY(SELECT kept FROM unnest('{names,papers}'::text[]) kept WHERE (marks ->> kept)::boolean)
$$;
CREATE FUNCTION amber_reads_vehicle(asking bigint[], asked uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM public.cases_vehicle it WHERE it.id = asked AND (
            NOT it.is_police_only OR public.amber_reads_parts(asking, it.case_id, it.id, '{row}')
        )
    );
END $$;
CALL amber_protect('cases_partmark', 'amber_sees_case(case_id)');
CALL amber_protect('cases_partrelease', 'amber_sees_case(case_id)');
"""
NO_QUESTIONS = """
DROP POLICY seen ON cases_partmark; DROP POLICY purged ON cases_partmark;
DROP POLICY seen ON cases_partrelease; DROP POLICY purged ON cases_partrelease;
ALTER TABLE cases_partmark DISABLE ROW LEVEL SECURITY;
ALTER TABLE cases_partrelease DISABLE ROW LEVEL SECURITY;
DROP FUNCTION amber_reads_vehicle(bigint[], uuid);
DROP FUNCTION amber_held(jsonb, boolean);
DROP FUNCTION amber_reads_parts(bigint[], uuid, uuid, text[]);
"""
READ = "(part_marks = ''{{}}'' AND {row} OR amber_reads_parts($1, case_id, id, amber_held(part_marks, {held})))"
NARROWED = {
    "cases_child WHERE (": "cases_child WHERE " + READ.format(row="true", held="false") + " AND (",
    "cases_person WHERE (": "cases_person WHERE "
    + READ.format(row="NOT is_police_only", held="is_police_only") + " AND (",
    "cases_vehicle WHERE (": "cases_vehicle WHERE (NOT is_police_only"
    " OR amber_reads_parts($1, case_id, id, '{row}')) AND (",
    "cases_plate WHERE (": "cases_plate WHERE amber_reads_vehicle($1, vehicle_id) AND (",
    "cases_externalreference WHERE (": "cases_externalreference WHERE (NOT is_police_only OR agency_id = ANY ($1)"
    " OR amber_reads_parts($1, case_id, id, '{row}')) AND (",
}  # fmt: skip


def narrowed() -> str:
    """Return the search with the condition of each source; quotes are doubled where the source stands in a format."""
    found = FIND.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    for source, with_condition in NARROWED.items():
        assert source in found, source  # noqa: S101  the search was changed meanwhile
        # Sources in plain quotes hold the literal quotes doubled; those in format() too.
        found = found.replace(source, with_condition.replace("'{row}'", "''{row}''"))
    return found


def defaults(value: str) -> str:
    """Return the statements that give the marks a default of the database, or take it."""
    return "".join(f"ALTER TABLE cases_{table} ALTER part_marks {value};" for table in PARTED)


class Migration(migrations.Migration):
    dependencies = [("cases", "0028_parts_of_a_case")]

    operations = [
        migrations.RunSQL(defaults("SET DEFAULT '{}'"), defaults("DROP DEFAULT")),
        migrations.RunSQL(QUESTIONS, NO_QUESTIONS),
        migrations.RunSQL(narrowed(), FIND.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
    ]
