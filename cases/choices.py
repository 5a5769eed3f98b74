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
    RETURNED = "returned", pgettext_lazy("review", "More facts needed")
    GIVEN = "given", pgettext_lazy("review", "Opinion recorded")
    RELEASED = "released", pgettext_lazy("review", "Released")
    WITHDRAWN = "withdrawn", pgettext_lazy("review", "Question withdrawn")


class HandoverStatus(models.TextChoices):
    """The life of an offer to hand a case over to another agency."""

    OFFERED = "offered", pgettext_lazy("handoff", "Offered")
    ACCEPTED = "accepted", pgettext_lazy("handoff", "Accepted")
    REFUSED = "refused", pgettext_lazy("handoff", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("handoff", "Withdrawn")
    EXPIRED = "expired", pgettext_lazy("handoff", "Expired")


class BlindSubject(models.TextChoices):
    """What another agency is asked about blindly."""

    CHILD = "child", pgettext_lazy("question", "A child")
    PLATE = "plate", pgettext_lazy("question", "A license plate")


class ReleaseScope(models.TextChoices):
    """How much of a legal opinion another agency is shown (U30)."""

    CONCLUSION = "conclusion", _("Conclusion only")
    WHOLE = "whole", _("Whole opinion")


class AccessLevel(models.TextChoices):
    """What an agency on a case may do with it."""

    OWN = "own", _("Lead agency")
    MANAGE = "manage", _("Contribute and share on")
    CONTRIBUTE = "contribute", _("Contribute")
    LOOK = "look", _("Read")


class AccessPurpose(models.TextChoices):
    """Why an agency is on a case."""

    LEAD = "lead", _("Leads the case")
    REQUEST = "request", _("Was asked for an alert")
    LEGAL = "legal", _("Gives legal advice")
    RECOVERY = "recovery", _("Holds the child")
    ASSIST = "assist", _("Helps in the search")
    BORDER = "border", _("Watches a border")
    PROTECT = "protect", _("Protects the child")
    OVERSEE = "oversee", _("Oversees or reviews")
    HANDED = "handed", _("Led the case before")


# Why a case is shared by hand; every other purpose begins and ends with an act of its own.
SHARED_BY_HAND = (AccessPurpose.ASSIST, AccessPurpose.BORDER, AccessPurpose.PROTECT, AccessPurpose.OVERSEE)
# What the lead agency granted and may take back at any time: a share, or what an earlier lead agency still sees.
GRANTED = (*SHARED_BY_HAND, AccessPurpose.HANDED)


class PartGroup(models.TextChoices):
    """What of a row of a case is released or held back together: the whole row, or a group of its fields."""

    ROW = "row", pgettext_lazy("part of a case", "Everything recorded")
    ADDRESS = "address", pgettext_lazy("part of a case", "Exact address")
    WORDS = "words", pgettext_lazy("part of a case", "Circumstances in words")
    NAMES = "names", pgettext_lazy("part of a case", "Names")
    PAPERS = "papers", pgettext_lazy("part of a case", "Date of birth, document and nationality")
    LOOKS = "looks", pgettext_lazy("part of a case", "Description")
    HEALTH = "health", pgettext_lazy("part of a case", "Medical needs")
    CUSTODY = "custody", pgettext_lazy("part of a case", "Custody")
    CONTACT = "contact", pgettext_lazy("part of a case", "Phone and online contact")
    TICKET = "ticket", pgettext_lazy("part of a case", "Ticket or booking number")


class PartReason(models.TextChoices):
    """Why a part is held back, or released."""

    LAW = "law", pgettext_lazy("part of a case", "The law holds it back")
    PROTECTION = "protection", pgettext_lazy("part of a case", "Protects the child or the family")
    WITNESS = "witness", pgettext_lazy("part of a case", "Protects a witness or a source")
    INVESTIGATION = "investigation", pgettext_lazy("part of a case", "Protects the investigation")
    SEARCH = "search", pgettext_lazy("part of a case", "Needed to find the child")
    OWN_LAW = "own_law", pgettext_lazy("part of a case", "Law of the receiving program")
    PUBLICATION = "publication", pgettext_lazy("part of a case", "Authority to publish recorded")
    MISTAKE = "mistake", pgettext_lazy("part of a case", "Corrects a mistake")


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
    ABDUCTION = "abduction", _("Is the abduction as certain as the program requires?")
    DANGER = "danger", _("Is there the danger that the program requires?")
    INFORMATION = "information", _("Is enough information available for the program?")
    DATABASE = "database", _("Has the police database entry been made?")
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


# NIEM's family members (domain §4.2): with one of these as the taker, the Hague route may be open (domain §3.1).
RELATIVES = frozenset({
    "parent", "stepparent", "sibling", "stepsibling", "grandparent", "aunt", "uncle", "cousin", "in_law",
    "other_family", "foster_parent",
})  # fmt: skip
HAGUE_AGE = 16  # the Convention of 1980 ends at the sixteenth birthday (Article 4)


class TravelMode(models.TextChoices):
    """Ways of traveling besides a vehicle that the case describes (U3)."""

    BUS = "bus", _("Bus")
    TRAIN = "train", _("Train")
    FLIGHT = "flight", _("Flight")
    FERRY = "ferry", _("Ferry")
    ON_FOOT = "on_foot", _("On foot")


class PlateKind(models.TextChoices):
    """What kind of plate a vehicle carries (U26)."""

    ORDINARY = "ordinary", pgettext_lazy("plate", "Ordinary")
    TEMPORARY = "temporary", pgettext_lazy("plate", "Temporary")
    FOREIGN = "foreign", pgettext_lazy("plate", "Foreign")


class PlateStanding(models.TextChoices):
    """Whether a recorded plate counts: one that was changed is former, one that was mistaken is wrong (U20, U26)."""

    CURRENT = "current", pgettext_lazy("plate", "Current")
    FORMER = "former", pgettext_lazy("plate", "Former")
    WRONG = "wrong", pgettext_lazy("plate", "Wrong, disregard")


class PlateReplacement(models.TextChoices):
    """Why a plate takes another one's place."""

    CORRECTION = "correction", _("Correction: the earlier plate was wrong")
    CHANGE = "change", _("Change: the vehicle carries another plate now")


class PlaceZoneKind(models.TextChoices):
    """What a place with a time zone of its own is."""

    COUNTY = "county", _("County")
    MUNICIPIO = "municipio", _("Municipio")
    DIVISION = "division", _("Census division")
    TOWN = "town", _("Town")


class ReferenceKind(models.TextChoices):
    """Systems in which a case has a number of its own (U23)."""

    NIC = "nic", _("NIC number (NCIC)")
    CPIC = "cpic", _("CPIC")
    INTERPOL = "interpol", _("INTERPOL")
    RNPDNO = "rnpdno", _("RNPDNO")
    FUI = "fui", _("FUI")
    CARPETA = "carpeta", _("Carpeta de investigación")
    CENTRAL_AUTHORITY = "central_authority", _("Central Authority")
    OTHER = "other", _("Other system")


class NoticeBody(models.TextChoices):
    """Bodies that are told beside the alert programs (domain §2.3, step 4)."""

    BORDER_AGENCY = "border_agency", _("Border agency")
    NCB = "ncb", _("INTERPOL bureau (NCB), Yellow Notice")
    NCMEC = "ncmec", _("NCMEC")
    NCMPUR = "ncmpur", _("NCMPUR (RCMP)")
    FGR = "fgr", _("FGR, National Coordination")
    CONSULATE = "consulate", _("Consulate")
    CENTRAL_AUTHORITY = "central_authority", _("Central Authority")


class NoticeOutcome(models.TextChoices):
    """How a parallel notice stands."""

    PREPARED = "prepared", pgettext_lazy("notice", "Prepared")
    SENT = "sent", pgettext_lazy("notice", "Sent")
    RECEIVED = "received", pgettext_lazy("notice", "Received")
    IN_FORCE = "in_force", pgettext_lazy("notice", "In force")
    REFUSED = "refused", pgettext_lazy("notice", "Refused")
    ENDED = "ended", pgettext_lazy("notice", "Ended")
    WITHHELD = "withheld", pgettext_lazy("notice", "Do not notify")


class CorrectionDecision(models.TextChoices):
    """What became of a proposed correction; an open one has no decision."""

    ACCEPTED = "accepted", pgettext_lazy("correction", "Taken over")
    REFUSED = "refused", pgettext_lazy("correction", "Refused")


# Whom a public text may tell of: those believed to be with the child.
PUBLIC_ROLES = (PersonRole.ABDUCTOR, PersonRole.SUSPECT, PersonRole.COMPANION)


class PublicItem(models.TextChoices):
    """What is published only with a recorded authority (U28)."""

    CHILD_NAME = "child_name", _("Name of the child")
    PHOTO = "photo", _("Photo")
    SUSPECT_NAME = "suspect_name", _("Name of the suspect")
    SUSPECT_DETAILS = "suspect_details", _("Description of the suspect")


class DocumentKind(models.TextChoices):
    """What a stored document is."""

    PARTNER_CAP = "partner_cap", _("CAP alert of a partner")
    AUTHORITY = "authority", _("Signed authority to publish")
    OTHER = "other", _("Other document")


class EventAction(models.TextChoices):
    """Entries of a case's timeline that are not transitions."""

    OPENED = "opened", _("Case opened")
    DRAFTED = "drafted", _("Took part in the draft of the facts")
    CORRECTION_PROPOSED = "correction_proposed", _("Correction proposed")
    CORRECTION_ACCEPTED = "correction_accepted", _("Proposed correction taken over")
    CORRECTION_REFUSED = "correction_refused", _("Proposed correction refused")
    FACTS_CHANGED = "facts_changed", _("Facts changed")
    PHOTO_ADDED = "photo_added", _("Photo added")
    SHARED = "shared", _("Case shared")
    SHARE_ENDED = "share_ended", _("Share of the case withdrawn")
    SIGHT_DATED = "sight_dated", _("End of an agency's sight set")
    SIGHTING_ADDED = "sighting_added", _("Sighting added")
    REFERENCE_ADDED = "reference_added", _("External reference recorded")
    PARALLEL_NOTICE = "parallel_notice", _("Parallel notice recorded")
    AUTHORITY_RECORDED = "authority_recorded", _("Authority to publish recorded")
    AUTHORITY_REVOKED = "authority_revoked", _("Authority to publish revoked")
    IDENTITY_CONFIRMED = "identity_confirmed", _("Identity confirmed by one officer")
    HOME_DECISION = "home_decision", _("Decision of the home program recorded")
    PEOPLE_CLEARED = "people_cleared", _("Named people cleared")
    FAMILY_INFORMED = "family_informed", _("Family informed")
    PARTS_MARKED = "parts_marked", _("Parts of the case released or held back")
    PARTS_GIVEN = "parts_given", _("Police-only parts given to an agency")
    PARTS_TAKEN_BACK = "parts_taken_back", _("Police-only parts withdrawn from an agency")
    SEALED = "sealed", _("Case sealed")
    UNSEALED = "unsealed", _("Seal of the case lifted")
    READER_NAMED = "reader_named", _("Reader of the sealed case named")
    READER_REMOVED = "reader_removed", _("Reader of the sealed case removed")


# Whoever did one of these wrote facts of the case, and is no second person for an alert about it (design §6).
AUTHORING_EVENTS = (EventAction.DRAFTED, EventAction.CORRECTION_ACCEPTED, EventAction.FACTS_CHANGED)


# Zones of the three countries that an officer may choose for a place (IANA names).
TIME_ZONES = (
    "America/St_Johns", "America/Goose_Bay", "America/Halifax", "America/Moncton", "America/Blanc-Sablon",
    "America/Puerto_Rico", "America/Toronto", "America/New_York", "America/Iqaluit", "America/Atikokan",
    "America/Chicago", "America/Winnipeg", "America/Rankin_Inlet", "America/Regina", "America/Mexico_City",
    "America/Monterrey", "America/Merida", "America/Cancun", "America/Matamoros", "America/Chihuahua",
    "America/Ojinaga", "America/Ciudad_Juarez", "America/Denver", "America/Edmonton", "America/Cambridge_Bay",
    "America/Boise", "America/Phoenix", "America/Creston", "America/Dawson_Creek", "America/Fort_Nelson",
    "America/Hermosillo", "America/Mazatlan", "America/Bahia_Banderas", "America/Whitehorse", "America/Los_Angeles",
    "America/Tijuana", "America/Vancouver", "America/Anchorage", "America/Metlakatla", "America/Adak",
    "Pacific/Honolulu", "Pacific/Guam", "Pacific/Pago_Pago",
)  # fmt: skip
