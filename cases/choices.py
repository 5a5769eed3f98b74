"""States of cases and children, and words that the code decides by."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CaseStatus(models.TextChoices):
    """The life of a case (design §6)."""

    INTAKE = "intake", pgettext_lazy("case", "Intake")
    ACTIVE = "active", pgettext_lazy("case", "Active")
    LOCATED = "located", pgettext_lazy("case", "Located, identity pending")
    RECOVERED = "recovered", pgettext_lazy("case", "Recovered")
    CLOSED = "closed", pgettext_lazy("case", "Closed")
    UNFOUNDED = "unfounded", pgettext_lazy("case", "Closed as unfounded")
    HOAX = "hoax", pgettext_lazy("case", "Closed as a hoax")
    MERGED = "merged", pgettext_lazy("case", "Merged into another case")


OPEN_CASE_STATUSES = (CaseStatus.INTAKE, CaseStatus.ACTIVE, CaseStatus.LOCATED)


class ChildStatus(models.TextChoices):
    """The life of a search for one child."""

    MISSING = "missing", pgettext_lazy("child", "Missing")
    LOCATED = "located", pgettext_lazy("child", "Located, identity pending")
    RECOVERED = "recovered", pgettext_lazy("child", "Recovered")


class ReviewStatus(models.TextChoices):
    """The life of a legal review."""

    REQUESTED = "requested", pgettext_lazy("review", "Requested")
    GIVEN = "given", pgettext_lazy("review", "Opinion recorded")
    RELEASED = "released", pgettext_lazy("review", "Released")


class AccessLevel(models.TextChoices):
    """What an agency on a case may do with it."""

    OWN = "own", _("Lead agency")
    CONTRIBUTE = "contribute", _("Contribute")
    LOOK = "look", _("Read")


class AccessPurpose(models.TextChoices):
    """Why an agency is on a case."""

    LEAD = "lead", _("Leads the case")
    REQUEST = "request", _("Was asked for an alert")
    LEGAL = "legal", _("Gives legal advice")
    RECOVERY = "recovery", _("Holds the child")


class Sex(models.TextChoices):
    """Sex as recorded by the police databases of the three countries."""

    FEMALE = "F", _("Female")
    MALE = "M", _("Male")
    UNKNOWN = "U", _("Unknown")


class Answer(models.TextChoices):
    """An answer that may be missing: unknown never counts as no (U33)."""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("Not known yet")


class CriteriaAnswer(models.TextChoices):
    """An officer's answer to a question of a program's criteria: unknown never counts as no (U33)."""

    YES = "yes", pgettext_lazy("answer", "Yes")
    NO = "no", pgettext_lazy("answer", "No")
    UNKNOWN = "unknown", pgettext_lazy("answer", "Not known yet")
    NOT_APPLICABLE = "not_applicable", pgettext_lazy("answer", "Not applicable")


class CriteriaQuestion(models.TextChoices):
    """The questions that follow from the parameters of a criteria version (domain §1.3)."""

    AGE = "age", _("Is the person of an age that the program covers?")
    ABDUCTION = "abduction", _("Is it as sure as the program asks that the person was abducted?")
    DANGER = "danger", _("Is there the danger that the program asks for?")
    INFORMATION = "information", _("Is as much known as the program asks for?")
    DATABASE = "database", _("Is the entry in the police database made?")
    PARENTAL = "parental", _("Was the child taken by a parent?")
    RUNAWAY = "runaway", _("Did the child leave on their own?")
    TIME = "time", _("Is it still within the program's time limit?")


class HomeOutcome(models.TextChoices):
    """What the home program itself decided (U4)."""

    ACTIVATED = "activated", pgettext_lazy("home decision", "Activated")
    PREALERT = "prealert", pgettext_lazy("home decision", "Pre-alert")
    LOWER_LEVEL = "lower_level", pgettext_lazy("home decision", "Lower level")
    NOT_ACTIVATED = "not_activated", pgettext_lazy("home decision", "Not activated")


class EventKind(models.TextChoices):
    """What is known of the moment: the taking itself, or the last sight of the child."""

    TAKEN = "taken", _("Taken")
    LAST_SEEN = "last_seen", _("Last seen")


class PersonRole(models.TextChoices):
    """NCMEC's five roles (NIEM human services domain)."""

    ABDUCTOR = "abductor", _("Abductor")
    SUSPECT = "suspect", _("Suspect")
    COMPANION = "companion", _("Companion")
    REPORTER = "reporter", _("Reporting party")
    CALLER = "caller", _("Caller")


class DocumentKind(models.TextChoices):
    """What a stored document is."""

    PARTNER_CAP = "partner_cap", _("CAP alert of a partner")
    OTHER = "other", _("Other document")


class EventAction(models.TextChoices):
    """Entries of a case's timeline that are not transitions."""

    OPENED = "opened", _("Case opened")
    FACTS_CHANGED = "facts_changed", _("Facts changed")
    PHOTO_ADDED = "photo_added", _("Photo added")
    SHARED = "shared", _("Case shared")
    IDENTITY_CONFIRMED = "identity_confirmed", _("Identity confirmed by one officer")
    HOME_DECISION = "home_decision", _("Decision of the home program recorded")


class CodeList(models.TextChoices):
    """The code lists that staff may extend."""

    HAIR = "hair", _("Hair")
    EYES = "eyes", _("Eyes")
    SKIN = "skin", _("Skin")
    RACE = "race", _("Race")
    SEX = "sex", _("Sex")
    CAUTION = "caution", _("Cautions and medical needs")
    COLOR = "color", _("Colors of clothing")
    GARMENT = "garment", _("Garments")
    MARK_KIND = "mark_kind", _("Distinguishing marks")
    BODY_LOCATION = "body_location", _("Parts of the body")
    VEHICLE_COLOR = "vehicle_color", _("Colors of vehicles")
    VEHICLE_STYLE = "vehicle_style", _("Body styles of vehicles")
    RELATIONSHIP = "relationship", _("Relationships to the child")
    PERSON_ROLE = "person_role", _("Roles of people")
    HOW_TAKEN = "how_taken", _("Ways of taking a child")
    WEAPON = "weapon", _("Weapons")
    FORCE = "force", _("Use of force")
    PLACE_KIND = "place_kind", _("Kinds of places")
    CROSSING_EVIDENCE = "crossing_evidence", _("Evidence of crossing")
    CROSSING_CONFIDENCE = "crossing_confidence", _("Confidence in the evidence")
    CROSSING_POINT = "crossing_point", _("Border crossings")
    DANGER = "danger", _("Reasons for danger")
    DECLINE_REASON = "decline_reason", _("Reasons of a decline")
    ALTERNATIVE = "alternative", _("Alternatives to an alert")
    IDENTITY_METHOD = "identity_method", _("Ways of establishing identity")
    END_REASON = "end_reason", _("Reasons of an end")
    LOCATED_CONDITION = "located_condition", _("Conditions of a located child")
    RECOVERY_END_REASON = "recovery_end_reason", _("Reasons to take a report of a found child back")
    CLOSURE_REASON = "closure_reason", _("Results of a case")
    ALERT_EFFECT = "alert_effect", _("Whether and how the alert led to the result")
    DUTY_REFUSAL = "duty_refusal", _("Reasons to refuse a duty")
    CASE_CATEGORY = "case_category", _("Categories of cases")
    CRITERIA_BRANCH = "criteria_branch", _("Further questions of criteria")
    OPINION = "opinion", _("Legal opinions")
    REQUEST_KIND = "request_kind", _("Kinds of requests")
    PUBLICATION_BASIS = "publication_basis", _("Legal bases of publication")


# Zones of the three countries that an officer may choose for a place (IANA names).
TIME_ZONES = (
    "America/St_Johns", "America/Halifax", "America/Puerto_Rico", "America/Toronto", "America/New_York",
    "America/Chicago", "America/Winnipeg", "America/Regina", "America/Mexico_City", "America/Monterrey",
    "America/Merida", "America/Cancun", "America/Matamoros", "America/Chihuahua", "America/Ojinaga",
    "America/Ciudad_Juarez", "America/Denver", "America/Edmonton", "America/Boise", "America/Phoenix",
    "America/Hermosillo", "America/Mazatlan", "America/Bahia_Banderas", "America/Whitehorse",
    "America/Los_Angeles", "America/Tijuana", "America/Vancouver", "America/Anchorage", "Pacific/Honolulu",
    "Pacific/Guam", "Pacific/Pago_Pago",
)  # fmt: skip
