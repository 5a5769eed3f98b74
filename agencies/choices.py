"""Words that the code itself decides by; lists that staff may extend live in the database."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Country(models.TextChoices):
    """The three countries of the portal (ISO 3166-1)."""

    US = "US", _("United States")
    MX = "MX", _("Mexico")
    CA = "CA", _("Canada")


class Language(models.TextChoices):
    """The three languages; Spanish means Mexico's and French means Canada's."""

    EN = "en", "English"
    ES = "es", "Español"
    FR = "fr", "Français"


# What a page, a CAP message and a screen reader call our three languages (BCP 47).
LANGUAGE_TAGS = {"en": "en-US", "es": "es-MX", "fr": "fr-CA"}


class SubdivisionKind(models.TextChoices):
    """What a subdivision is in its own country."""

    STATE = "state", _("State")
    DISTRICT = "district", _("Federal district")
    TERRITORY = "territory", _("Territory")
    ENTITY = "entity", _("Federal entity")
    PROVINCE = "province", _("Province")


class AgencyKind(models.TextChoices):
    """What an agency does."""

    POLICE = "police", _("Police service")
    PROSECUTION = "prosecution", _("Prosecutor's office")
    ALERT_PROGRAM = "alert_program", _("Alert program")
    CLEARINGHOUSE = "clearinghouse", _("Missing-persons clearinghouse")
    CENTRAL_AUTHORITY = "central_authority", _("Central Authority")
    BORDER_AGENCY = "border_agency", _("Border agency")
    CONSULATE = "consulate", _("Consulate")
    NATIONAL_HUB = "national_hub", _("National hub")


# Who may draft and submit an alert of the program of its own territory (U7).
DRAFTING_KINDS = (AgencyKind.POLICE, AgencyKind.PROSECUTION)


class Role(models.TextChoices):
    """What a person is in an agency; what each role may do stands in `permissions.ROLES`."""

    COORDINATOR = "coordinator", _("AMBER Alert coordinator")
    DUTY_OFFICER = "duty_officer", _("Duty officer")
    LEGAL_ADVISOR = "legal_advisor", _("Legal advisor")
    STAFF = "staff", _("Staff")


class AbductionTest(models.TextChoices):
    """How sure a program must be that a child was abducted (domain §1.1)."""

    CONFIRMED = "confirmed", _("Abduction confirmed")
    REASONABLE_BELIEF = "reasonable_belief", _("Reasonable belief of an abduction")
    NOT_REQUIRED = "not_required", _("No abduction required")


class ParentalPolicy(models.TextChoices):
    """When a program alerts for a child taken by a parent (domain §1.1)."""

    ALLOWED = "allowed", _("Allowed")
    DANGER_ONLY = "danger_only", _("Only when the child is in imminent danger")
    HOMICIDE_ONLY = "homicide_only", _("Only when the parent committed or attempted murder")
    LIFE_THREATENING_ONLY = "life_threatening_only", _("Only in life-threatening situations")


class RunawayPolicy(models.TextChoices):
    """What a program does for a child who left on their own."""

    ALLOWED_IF_AT_RISK = "allowed_if_at_risk", _("Allowed when the child is at risk")
    NOT_ELIGIBLE = "not_eligible", _("Not covered by the program")
    OTHER_ALERT = "other_alert", _("Another kind of alert is used")


class InfoRule(models.TextChoices):
    """How much of a description a program asks for (domain §1.1)."""

    ALL_OF = "all_of", _("A description of each of these")
    ANY_OF = "any_of", _("A description of at least one of these")


class InfoPart(models.TextChoices):
    """What a description may be of."""

    CHILD = "child", pgettext_lazy("description of", "the child")
    ABDUCTION = "abduction", pgettext_lazy("description of", "the abduction")
    SUSPECT = "suspect", pgettext_lazy("description of", "the suspect")
    VEHICLE = "vehicle", pgettext_lazy("description of", "the vehicle")


class Database(models.TextChoices):
    """Police databases in which an entry may be required first."""

    NCIC = "NCIC", _("NCIC")
    CPIC = "CPIC", _("CPIC")
    RNPDNO = "RNPDNO", _("RNPDNO")


class AlertReach(models.TextChoices):
    """How far an alert reaches (domain §1.1)."""

    LOCAL = "local", _("Local area")
    REGIONAL = "regional", _("Region")
    STATE = "state", _("Entire state or province")
    NATIONAL = "national", _("The whole country")
    INTERNATIONAL = "international", _("Several countries")


class FallbackAlert(models.TextChoices):
    """What a program uses where its criteria are not met (domain §1.1)."""

    ADVISORY = "advisory", _("Endangered missing advisory")
    PREALERT = "prealert", _("Pre-alert")
    POLICE_ONLY = "police_only", _("Law-enforcement-only notice")
    MEDIA_RELEASE = "media_release", _("Media release")


class PublicField(models.TextChoices):
    """What a program may or may not put into public words (U28); a name or picture needs an authority besides."""

    BIRTH_DATE = "birth_date", _("Full date of birth")
    RACE = "race", _("Race")
    SUSPECT_NAME = "suspect_name", _("Name of the suspect")
    SUSPECT_PHOTO = "suspect_photo", _("Photo of the suspect")
    MEDICAL = "medical", _("Medical needs")


class RouteKind(models.TextChoices):
    """What another program, or the program itself, does on the way of a request across a border (domain §2.1, §2.2)."""

    RECEIVES = "receives", _("Receives requests from elsewhere")
    DECIDES = "decides", _("Decides level and request once the child has left the territory")
    IS_TOLD = "is_told", _("Is notified when an alert beyond the territory is requested")


# What a country's law keeps out of public text, whatever a program's row says: no full date of birth and no race in
# Mexico and Canada (U28).
NEVER_PUBLIC: dict[str, frozenset[str]] = {
    Country.MX: frozenset({PublicField.BIRTH_DATE, PublicField.RACE}),
    Country.CA: frozenset({PublicField.BIRTH_DATE, PublicField.RACE}),
}


class OverrideKind(models.TextChoices):
    """Why somebody is not on duty in a shift of theirs."""

    SWAP = "swap", pgettext_lazy("shift", "Swap")
    SICK = "sick", pgettext_lazy("shift", "Sick or away")


class LadderStep(models.TextChoices):
    """Who is told of a request that nobody acknowledges, the next after the one before (U39)."""

    ON_DUTY = "on_duty", pgettext_lazy("ladder", "Officers on duty")
    DESK = "desk", pgettext_lazy("ladder", "The whole desk")
    SUPERVISOR = "supervisor", pgettext_lazy("ladder", "Supervisors of the program")
    TOP = "top", pgettext_lazy("ladder", "National hub and requesting agency")


# Minutes after the request was sent, where a program has no rows of its own (U39).
SEED_MINUTES: dict[str, int] = {LadderStep.DESK: 5, LadderStep.SUPERVISOR: 10, LadderStep.TOP: 15}


class AuditOutcome(models.TextChoices):
    """How an audited act ended."""

    DONE = "done", _("Done")
    DENIED = "denied", _("Denied")
    FAILED = "failed", _("Failed")


class AuditChannel(models.TextChoices):
    """Through which door an audited act came."""

    PAGE = "page", _("Page")
    API = "api", _("API")
    ADMIN = "admin", _("Administration")
    TASK = "task", _("Task")
    COMMAND = "command", _("Command")


class AuditPurpose(models.TextChoices):
    """For what somebody read or acted on a case that is not their agency's own; empty for work on one's own cases.

    After the first three, the purposes for which agencies are on cases of others (`cases.choices.AccessPurpose`).
    """

    LOOK_UP = "look_up", _("Look-up in the administration")
    OVERSIGHT = "oversight", _("Oversight of accesses")
    SEVERAL = "several", _("Several, one for each case")
    REQUEST = "request", _("Was asked for an alert")
    LEGAL = "legal", _("Gives legal advice")
    RECOVERY = "recovery", _("Holds the child")
    ASSIST = "assist", _("Helps in the search")
    BORDER = "border", _("Watches a border")
    PROTECT = "protect", _("Protects the child")
    OVERSEE = "oversee", _("Oversees or reviews")
    HANDED = "handed", _("Led the case before")


class Capability(models.TextChoices):
    """What a role may do for an agency: the codenames of guardian's permissions on Agency (at most 30)."""

    VIEW_CASES = "view_cases", _("Read cases")
    EDIT_CASES = "edit_cases", _("Open and edit cases")
    IMPORT_CASES = "import_cases", _("Import alerts of partners")
    SEND_REQUESTS = "send_requests", _("Send requests to other programs")
    ANSWER_REQUESTS = "answer_requests", _("Acknowledge and decide requests")
    COMPOSE_ALERTS = "compose_alerts", _("Compose, submit and activate alerts")
    APPROVE_ALERTS = "approve_alerts", _("Approve alerts")
    WITHDRAW_PUBLIC = "withdraw_public", _("Withdraw what is public")
    SUPERVISE_PROGRAM = "supervise_program", _("Be told of what is overdue")
    REPORT_RECOVERY = "report_recovery", _("Report that a child was located")
    CONFIRM_IDENTITY = "confirm_identity", _("Confirm a child's identity")
    ASK_OPINIONS = "ask_opinions", _("Ask for legal opinions")
    GIVE_OPINIONS = "give_opinions", _("Record legal opinions")
    LOOK_UP_CASES = "look_up_cases", _("Look up cases in the administration")
    MANAGE_PEOPLE = "manage_people", _("Manage people and memberships")
    MANAGE_REFERENCE_DATA = "manage_reference_data", _("Manage programs, criteria and code lists")
    READ_AUDIT = "read_audit", _("Read the audit trail")
    SEAL_CASES = "seal_cases", _("Seal cases")
    PLAN_DUTY = "plan_duty", _("Plan who is on duty")


CAPABILITY_MEANINGS: dict[str, Any] = {
    Capability.VIEW_CASES: _(
        "Read every case that the agency is on, its files and its alerts, as far as its part goes."
    ),
    Capability.EDIT_CASES: _("Open cases, and change facts, photos and the state of cases that the agency leads."),
    Capability.IMPORT_CASES: _("Open a case from a partner's CAP alert."),
    Capability.SEND_REQUESTS: _("Ask other programs for an alert, and answer, change or withdraw what was asked."),
    Capability.ANSWER_REQUESTS: _("Acknowledge, decide and answer what other programs ask, and answer criteria."),
    Capability.COMPOSE_ALERTS: _("Write the program's alerts, submit them, and issue and end what was approved."),
    Capability.APPROVE_ALERTS: _("Approve what somebody else wrote and submitted, in the languages one reads."),
    Capability.WITHDRAW_PUBLIC: _("Take anything of an alert out of the public at once, alone."),
    Capability.SUPERVISE_PROGRAM: _("Be told when an answer, a term or a review is overdue, and review exceptions."),
    Capability.REPORT_RECOVERY: _("Report a child located, add sightings and numbers, and propose corrections."),
    Capability.CONFIRM_IDENTITY: _("Confirm or reject the identity of a child who was located; it takes two officers."),
    Capability.ASK_OPINIONS: _("Ask legal advisors, also those of another agency, which then reads the case."),
    Capability.GIVE_OPINIONS: _("Record legal opinions of the agency and release them to others."),
    Capability.LOOK_UP_CASES: _("Find the agency's cases in the administration; nothing can be changed there."),
    Capability.MANAGE_PEOPLE: _(
        "Add people of the agency, grant and end their roles, and see why a person sees a case."
    ),
    Capability.MANAGE_REFERENCE_DATA: _("Change the agency's programs, criteria and contacts, and the code lists."),
    Capability.SEAL_CASES: _(
        "Seal a case that the agency leads, so that only named people see it, name them, and open it again."
    ),
    Capability.PLAN_DUTY: _("Plan the shifts of the agency's desk, change them, and say that it goes by a roster."),
    Capability.READ_AUDIT: _(
        "Read who did, read or was refused what, how the facts of a case changed, and why a person sees it."
    ),
}


class DeskStanding(models.TextChoices):
    """What is known of the numbers and addresses of a desk (U42)."""

    VERIFIED = "verified", pgettext_lazy("numbers", "Verified by the desk")
    STALE = "stale", pgettext_lazy("numbers", "Not verified for more than a month")
    NEVER = "never", pgettext_lazy("numbers", "Never verified by the desk")
    WRONG = "wrong", pgettext_lazy("numbers", "Wrong, says the desk")


class DeskAnswer(models.TextChoices):
    """What a desk says of its numbers by its monthly link."""

    RIGHT = "right", pgettext_lazy("numbers", "Right")
    WRONG = "wrong", pgettext_lazy("numbers", "Wrong")
