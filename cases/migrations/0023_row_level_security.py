"""The second lock: a row of a case is there only for the agencies on the case (ADR 32).

The policies ask two settings of the connection that `agencies/scope.py` makes. The owner of the tables, who migrates,
passes them; `amber_purge` may see what it has to remove. Later tables are added with `amber_protect`.
"""

from __future__ import annotations

from django.db import migrations

QUESTIONS = """
CREATE FUNCTION amber_everything() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('amber.everything', true), '') = 'on'
$$;
CREATE FUNCTION amber_agencies() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('amber.agencies', true), ''), '{}')::bigint[]
$$;
CREATE FUNCTION amber_cases() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('amber.cases', true), ''), '{}')::uuid[]
$$;
-- With the owner's eyes, because the policy of the accesses asks it too and would ask itself for ever.
CREATE FUNCTION amber_sees_case(asked uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN asked = ANY (public.amber_cases()) OR EXISTS (
        SELECT FROM public.cases_caseaccess access
        WHERE access.case_id = asked AND access.agency_id = ANY (public.amber_agencies())
            AND (access.until IS NULL OR access.until > statement_timestamp())
    );
END $$;
-- The agency that opens a case is put on it in the same transaction; nobody else puts itself on a case.
CREATE FUNCTION amber_leads_case(asked uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM public.cases_case led WHERE led.id = asked AND led.lead_agency_id = ANY (public.amber_agencies())
    );
END $$;
CREATE PROCEDURE amber_protect(relation regclass, seen text, written text DEFAULT NULL) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation);
    EXECUTE format(
        'CREATE POLICY seen ON %s TO amber_app USING ((SELECT amber_everything()) OR %s)'
        ' WITH CHECK ((SELECT amber_everything()) OR %s)',
        relation, seen, coalesce(written, seen)
    );
    EXECUTE format('CREATE POLICY purged ON %s TO amber_purge USING (true)', relation);
END $$;
"""
ROOTS = """
-- Said out for the planner, because lists join thousands of cases; the questions in brackets are asked once.
CALL amber_protect(
    'cases_case', 'id = ANY ((SELECT amber_cases())::uuid[]) OR EXISTS (
        SELECT FROM cases_caseaccess access
        WHERE access.case_id = cases_case.id AND access.agency_id = ANY ((SELECT amber_agencies())::bigint[])
            AND (access.until IS NULL OR access.until > statement_timestamp())
    )',
    'lead_agency_id = ANY (amber_agencies()) OR amber_sees_case(id)'
);
CALL amber_protect(
    'cases_caseaccess', 'agency_id = ANY ((SELECT amber_agencies())::bigint[]) OR amber_sees_case(case_id)',
    'amber_leads_case(case_id) OR amber_sees_case(case_id)'
);
CALL amber_protect(
    'cases_casedraft', 'agency_id = ANY (amber_agencies()) OR (case_id IS NOT NULL AND amber_sees_case(case_id))'
);
"""
OF_A_CASE = (
    "abduction", "assessment", "assessmentanswer", "caseevent", "child", "closure", "correctionproposal",
    "crossingindication", "document", "externalreference", "factsdraft", "homedecision", "identityconfirmation",
    "legalreview", "link", "parallelnotice", "person", "photo", "photoupload", "plate", "publicationauthority",
    "recovery", "reviewrelease", "sighting", "travelleg", "vehicle",
)  # fmt: skip
OF_A_ROW = (
    ("casedraft_authors", "casedraft"), ("casedraftversion", "casedraft"), ("factsdraft_authors", "factsdraft"),
    ("photouploadpart", "photoupload"),
)  # fmt: skip
KEYS = {"casedraftversion": "draft_id", "photouploadpart": "upload_id"}
TABLES = ("case", "caseaccess", "casedraft", *OF_A_CASE, *(table for table, _parent in OF_A_ROW))


def protect() -> str:
    """Return the calls for every table that reaches its case through another row."""
    calls = [f"CALL amber_protect('cases_{table}', 'amber_sees_case(case_id)');" for table in OF_A_CASE]
    calls += [
        f"CALL amber_protect('cases_{table}', 'EXISTS (SELECT FROM cases_{parent} root"  # noqa: S608  our own names
        f" WHERE root.id = cases_{table}.{KEYS.get(table, parent + '_id')})');"
        for table, parent in OF_A_ROW
    ]
    return "\n".join(calls)


def open_again() -> str:
    """Return the statements that take every policy away."""
    return "\n".join(
        f"DROP POLICY seen ON cases_{table}; DROP POLICY purged ON cases_{table};"
        f" ALTER TABLE cases_{table} DISABLE ROW LEVEL SECURITY;"
        for table in TABLES
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0022_sharing_by_hand")]

    operations = [
        migrations.RunSQL(
            QUESTIONS,
            "DROP PROCEDURE amber_protect(regclass, text, text); DROP FUNCTION amber_leads_case(uuid);"
            " DROP FUNCTION amber_sees_case(uuid); DROP FUNCTION amber_cases(); DROP FUNCTION amber_agencies(); DROP FUNCTION amber_everything()",
        ),
        migrations.RunSQL(ROOTS + protect(), open_again()),
    ]
