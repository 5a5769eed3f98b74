"""The second lock of requests, alerts and what hangs on them (ADR 32; cases 0023).

The public projection has no policy: what stands there is told to everybody.
"""

from __future__ import annotations

from django.db import migrations

OF_A_CASE = ("alert", "duty", "extensionrequest", "notice")
OF_A_ROW = {
    "alerttext": ("alert", "alert_id"),
    "alertarea": ("alert", "alert_id"),
    "alertmessage": ("alert", "alert_id"),
    "alertupdate": ("alert", "alert_id"),
    "approvalcall": ("alert", "alert_id"),
    "redaction": ("alert", "alert_id"),
    "textreview": ("alert", "alert_id"),
    "coveredalert": ("alert", "national_id"),
    "factsread": ("extensionrequest", "request_id"),
    "informationround": ("extensionrequest", "request_id"),
    "lowernotice": ("extensionrequest", "request_id"),
    "outsideactivation": ("extensionrequest", "request_id"),
    "outsideanswer": ("extensionrequest", "request_id"),
    "requestnote": ("extensionrequest", "request_id"),
    "deliveryattempt": ("delivery", "delivery_id"),
}
KEPT = "CALL amber_protect('alerts_keptrequest', 'agency_id = ANY (amber_agencies()) OR amber_sees_case(case_id)');"
DELIVERY = """
CALL amber_protect('alerts_delivery', 'EXISTS (SELECT FROM alerts_alertmessage root WHERE root.id = message_id)
    OR EXISTS (SELECT FROM alerts_notice root WHERE root.id = notice_id)');
"""
TABLES = (*OF_A_CASE, *OF_A_ROW, "delivery", "keptrequest")


def protect() -> str:
    """Return the calls for every table."""
    calls = [f"CALL amber_protect('alerts_{table}', 'amber_sees_case(case_id)');" for table in OF_A_CASE]
    calls += [
        f"CALL amber_protect('alerts_{table}', 'EXISTS (SELECT FROM alerts_{parent} root"  # noqa: S608  our own names
        f" WHERE root.id = alerts_{table}.{key})');"
        for table, (parent, key) in OF_A_ROW.items()
    ]
    return "\n".join(calls) + KEPT + DELIVERY


def open_again() -> str:
    """Return the statements that take every policy away."""
    return "\n".join(
        f"DROP POLICY seen ON alerts_{table}; DROP POLICY purged ON alerts_{table};"
        f" ALTER TABLE alerts_{table} DISABLE ROW LEVEL SECURITY;"
        for table in TABLES
    )


class Migration(migrations.Migration):
    dependencies = [("alerts", "0026_kept_requests"), ("cases", "0023_row_level_security")]

    operations = [migrations.RunSQL(protect(), open_again())]
