"""Numbers that were typed become E.164 with an extension; what cannot be read stays, for staff to mend (U27)."""

from django.db import migrations

from agencies.phones import read_phone, read_tip_number


def read_numbers(apps, schema_editor):
    for agency in apps.get_model("agencies", "Agency").objects.exclude(desk_phone="").iterator():
        try:
            agency.desk_phone, agency.desk_extension = read_phone(agency.desk_phone, agency.country)
        except ValueError:
            continue
        agency.save(update_fields=["desk_phone", "desk_extension"])
    for program in apps.get_model("agencies", "AlertProgram").objects.iterator():
        program.tip_phone = _read(read_tip_number, program.tip_phone, program.country)
        number, extension = _read(read_phone, program.abroad_phone, program.country, ("", ""))
        if number and not extension:  # a tip line has none: what was typed stays whole until staff decide
            program.abroad_phone = number
        program.save(update_fields=["tip_phone", "abroad_phone"])


def _read(read, typed, country, unread=None):
    try:
        return read(typed, country)
    except ValueError:
        return typed if unread is None else unread


class Migration(migrations.Migration):
    dependencies = [("agencies", "0015_extension_and_fax_of_desks")]

    operations = [migrations.RunPython(read_numbers, migrations.RunPython.noop)]
