"""Search of cases by reference, name and plate: folded text with trigram indexes.

Both extensions are trusted: the owner of the database may create them without being a superuser.
"""

from __future__ import annotations

from django.db import migrations

# `unaccent` is only STABLE because its dictionary may be changed; ours is named and is not.
FUNCTIONS = """
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;
CREATE FUNCTION amber_fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(lower(public.unaccent('public.unaccent'::regdictionary, $1)), '[^a-z0-9]+', ' ', 'g')
$$;
CREATE FUNCTION amber_plate(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(upper($1), '[^A-Z0-9]+', '', 'g')
$$;
"""
FUNCTIONS_BACK = "DROP FUNCTION amber_plate(text); DROP FUNCTION amber_fold(text)"
INDEXES = """
CREATE INDEX case_search_reference ON cases_case
    USING gin (amber_fold(reference || ' ' || agency_reference) gin_trgm_ops);
CREATE INDEX child_search_name ON cases_child USING gin (amber_fold(given_names || ' ' || first_surname || ' '
    || second_surname || ' ' || also_known_as || ' ' || name_on_document) gin_trgm_ops);
CREATE INDEX person_search_name ON cases_person USING gin (amber_fold(given_names || ' ' || first_surname || ' '
    || second_surname || ' ' || also_known_as || ' ' || name_on_document) gin_trgm_ops);
CREATE INDEX vehicle_search_plate ON cases_vehicle USING gin (amber_plate(plate) gin_trgm_ops);
CREATE INDEX plate_search_part ON cases_plate USING gin (search_key gin_trgm_ops);
CREATE INDEX reference_search_part ON cases_externalreference USING gin (search_key gin_trgm_ops);
"""
INDEXES_BACK = """
DROP INDEX case_search_reference; DROP INDEX child_search_name; DROP INDEX person_search_name;
DROP INDEX vehicle_search_plate;
DROP INDEX plate_search_part; DROP INDEX reference_search_part;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_drafts_of_an_agency")]

    operations = [migrations.RunSQL(FUNCTIONS, FUNCTIONS_BACK), migrations.RunSQL(INDEXES, INDEXES_BACK)]
