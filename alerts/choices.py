"""States of requests, alerts, duties and deliveries, and the words the code decides by."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RequestStatus(models.TextChoices):
    """The life of a request to one receiving program (design §6)."""

    DRAFT = "draft", pgettext_lazy("request", "Draft")
    SENT = "sent", pgettext_lazy("request", "Sent")
    ACKNOWLEDGED = "acknowledged", pgettext_lazy("request", "Acknowledged")
    INFORMATION_ASKED = "information_asked", pgettext_lazy("request", "More information needed")
    ANSWERED = "answered", pgettext_lazy("request", "Information answered")
    ACCEPTED = "accepted", pgettext_lazy("request", "Accepted")
    ACCEPTED_CHANGED_AREA = "accepted_changed_area", pgettext_lazy("request", "Accepted with a changed area")
    ACCEPTED_LOWER_LEVEL = "accepted_lower_level", pgettext_lazy("request", "Accepted at a lower level")
    DECLINED = "declined", pgettext_lazy("request", "Declined")
    WITHDRAWN = "withdrawn", pgettext_lazy("request", "Withdrawn")
    ACTIVATED = "activated", pgettext_lazy("request", "Activated")
    ACTIVATED_OUTSIDE = "activated_outside", pgettext_lazy("request", "Activated outside the portal")
    CANCELLATION_ASKED = "cancellation_asked", pgettext_lazy("request", "Cancellation requested")
    CANCELLED = "cancelled", pgettext_lazy("request", "Canceled")
    CONFIRMED = "confirmed", pgettext_lazy("request", "Cancellation confirmed")
    EXPIRED = "expired", pgettext_lazy("request", "Ended with the term of the alert")
    LAPSED = "lapsed", pgettext_lazy("request", "Lapsed: the case has ended")
    ESCALATED = "escalated", pgettext_lazy("request", "Handed to another program")


ACTIVATE = "activate"  # the kind of request that asks for an alert
# Asks who decides once a child has left a territory to decide on the level and on requests abroad (domain §1.1).
NATIONAL_DECISION = "national_decision"
ASKS_FOR_ALERT = (ACTIVATE, NATIONAL_DECISION)  # every other kind is its own level, below an alert

# What waits for nobody any more; the same program may be asked again.
ENDED_REQUESTS = (
    RequestStatus.DECLINED,
    RequestStatus.WITHDRAWN,
    RequestStatus.CANCELLED,
    RequestStatus.CONFIRMED,
    RequestStatus.EXPIRED,
    RequestStatus.LAPSED,
    RequestStatus.ESCALATED,
)


class RequestLink(models.TextChoices):
    """Why one request follows another."""

    AGAIN = "again", _("Asked again")
    ESCALATION = "escalation", _("Handed on by the program that was asked first")


class NoteKind(models.TextChoices):
    """On which occasion free words were written to the other side of a request."""

    UPDATE = "update", _("Note on changed facts")
    ACKNOWLEDGEMENT = "acknowledgement", _("Note on the acknowledgment")
    ESCALATION = "escalation", _("Note on handing on")
    WITHDRAWAL = "withdrawal", _("Note on the withdrawal")
    CANCELLATION_ASKED = "cancellation_asked", _("Note on the request to cancel")
    CANCELLATION_REFUSED = "cancellation_refused", _("Note on refusing to cancel")
    OUTSIDE = "outside", _("Note on an answer from outside the portal")


class AlertStatus(models.TextChoices):
    """The life of one program's own alert (design §6)."""

    DRAFT = "draft", pgettext_lazy("alert", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("alert", "Waiting for approval")
    APPROVED = "approved", pgettext_lazy("alert", "Approved")
    ACTIVE = "active", pgettext_lazy("alert", "Active")
    CANCELLED = "cancelled", pgettext_lazy("alert", "Canceled")
    EXPIRED = "expired", pgettext_lazy("alert", "Expired")
    DISCARDED = "discarded", pgettext_lazy("alert", "Discarded")


PUBLISHED_STATUSES = (AlertStatus.ACTIVE, AlertStatus.CANCELLED, AlertStatus.EXPIRED)


class ActivationException(models.TextChoices):
    """By which exception an alert was put in force; the mark stays on it (U7, U9)."""

    SINGLE_OFFICER = "single_officer", _("Activated by a single officer")
    FALLBACK = "fallback", _("Decided by another agency under a fallback rule")


# While an alert may still reach the public, its words may be offered for review.
REVIEWABLE_STATUSES = (AlertStatus.DRAFT, AlertStatus.SUBMITTED, AlertStatus.APPROVED, AlertStatus.ACTIVE)


class DutyStatus(models.TextChoices):
    """The life of something a program must still do."""

    OPEN = "open", pgettext_lazy("duty", "Open")
    DISCHARGED = "discharged", pgettext_lazy("duty", "Discharged")
    SUPERSEDED = "superseded", pgettext_lazy("duty", "No longer needed")


class DutyKind(models.TextChoices):
    """What a program must do."""

    CANCEL_ALERT = "cancel_alert", _("Issue the prepared cancellation")
    ISSUE_UPDATE = "issue_update", _("Issue or refuse the prepared update")
    ACKNOWLEDGE_CHANGE = "acknowledge_change", _("Acknowledge the changed facts")
    END_NOTICE = "end_notice", _("End the notice: the search has ended")
    CONFIRM_CANCELLATION = "confirm_cancellation", _("Confirm that everything was taken down")
    DECIDE_CANCELLATION = "decide_cancellation", _("Decide on the request to cancel")
    DECIDE_TERM = "decide_term", _("Renew, let expire or cancel")
    REVIEW_SINGLE_OFFICER = "review_single_officer", _("Review an activation by a single officer")
    REVIEW_TEXT = "review_text", _("Review the words in your language")


class DutyOutcome(models.TextChoices):
    """How a duty was discharged."""

    DONE = "done", pgettext_lazy("duty", "Done")
    REFUSED = "refused", pgettext_lazy("duty", "Refused")


class UpdateKind(models.TextChoices):
    """Why an alert is stated anew."""

    CHANGE = "change", pgettext_lazy("update", "New facts")
    CORRECTION = "correction", pgettext_lazy("update", "Correction of an error")
    RENEWAL = "renewal", pgettext_lazy("update", "Renewal")
    WITHDRAWAL = "withdrawal", pgettext_lazy("update", "Withdrawal of a part")
    RESTORATION = "restoration", pgettext_lazy("update", "Putting back what was withdrawn")
    LANGUAGES = "languages", pgettext_lazy("update", "Further languages")
    AREA = "area", pgettext_lazy("update", "Changed area")


class UpdateStatus(models.TextChoices):
    """The life of one Update of an active alert."""

    PREPARED = "prepared", pgettext_lazy("update", "Prepared")
    SUBMITTED = "submitted", pgettext_lazy("update", "Waiting for approval")
    ISSUED = "issued", pgettext_lazy("update", "Issued")
    REFUSED = "refused", pgettext_lazy("update", "Refused")
    SUPERSEDED = "superseded", pgettext_lazy("update", "No longer needed")


# Nothing in them is new or wrong: who did not want them is not sent them. Everything else goes to everybody (ADR 82).
LESSER_UPDATES = (UpdateKind.RENEWAL, UpdateKind.LANGUAGES)


OPEN_UPDATE_STATUSES = (UpdateStatus.PREPARED, UpdateStatus.SUBMITTED)


class RedactionKind(models.TextChoices):
    """What one act takes out of what is public (U18)."""

    PHOTO = "photo", pgettext_lazy("withdrawn", "The photo")
    CHILD_NAME = "child_name", pgettext_lazy("withdrawn", "The name of a child")
    CHILD = "child", pgettext_lazy("withdrawn", "Everything about a child")
    PERSON_NAME = "person_name", pgettext_lazy("withdrawn", "The name of a suspect")
    PERSON_LOOKS = "person_looks", pgettext_lazy("withdrawn", "The description of a suspect")
    PERSON = "person", pgettext_lazy("withdrawn", "Everything about a suspect")
    WHOLE = "whole", pgettext_lazy("withdrawn", "The whole public alert")


class TextSource(models.TextChoices):
    """Where the words of an alert in one language come from (U10)."""

    COMPOSED = "composed", _("Composed from reviewed phrases")
    EDITED = "edited", _("Edited by an officer")


class TextStanding(models.TextChoices):
    """Whether the words in one language may be published at all (U10)."""

    COMPOSED = "composed", _("Composed from reviewed phrases")
    REVIEWED = "reviewed", _("Reviewed by a person who works in the language")
    UNREVIEWED = "unreviewed", _("Not reviewed")


class TextReviewStatus(models.TextChoices):
    """The life of a review of words by somebody who works in their language (U10)."""

    OPEN = "open", pgettext_lazy("review", "Waiting for a reviewer")
    TAKEN = "taken", pgettext_lazy("review", "Being reviewed")
    CONFIRMED = "confirmed", pgettext_lazy("review", "Confirmed as they stand")
    CORRECTED = "corrected", pgettext_lazy("review", "Corrected")
    WITHDRAWN = "withdrawn", pgettext_lazy("review", "Withdrawn by the program")
    SUPERSEDED = "superseded", pgettext_lazy("review", "No longer needed")


OPEN_TEXT_REVIEWS = (TextReviewStatus.OPEN, TextReviewStatus.TAKEN)


class ApprovalBasis(models.TextChoices):
    """On what an approval covers the words in one language (U10)."""

    READ = "read", _("Read by the approver")
    REVIEWED = "reviewed", _("Reviewed by a person who works in the language")
    COMPOSED = "composed", _("Composed from reviewed phrases")


class MessageType(models.TextChoices):
    """CAP 1.2 msgType."""

    ALERT = "Alert", pgettext_lazy("CAP", "Alert")
    UPDATE = "Update", pgettext_lazy("CAP", "Update")
    CANCEL = "Cancel", pgettext_lazy("CAP", "Cancel")


class RecipientKind(models.TextChoices):
    """Who receives an alert."""

    MEDIA = "media", _("Media")
    POLICE = "police", _("Police")
    BORDER = "border", _("Border post")
    TRANSPORT = "transport", _("Transport")
    PARTNER = "partner", _("Partner organization")


class RecipientRole(models.TextChoices):
    """What a recipient does with an alert."""

    ACTS = "acts", _("Looks for the child: stops, checks, searches")
    SPREADS = "spreads", _("Passes it on to the public")
    INFORMED = "informed", _("Is kept informed")


class Channel(models.TextChoices):
    """How a message travels."""

    EMAIL = "email", _("E-mail")
    WEBHOOK = "webhook", _("Webhook")
    SMS = "sms", _("Text message")


class Unreached(models.TextChoices):
    """Why a recipient whom an alert is for gets no message."""

    UNVERIFIED = "unverified", _("Its number is not verified, and it has no other address")
    NOT_BY_THESE = "not_by_these", _("It has no address for the channels that it chose")
    NO_ADDRESS = "no_address", _("It has no address")


class LeftOut(models.TextChoices):
    """Why one of the program's recipients is not in the audience of an alert."""

    INACTIVE = "inactive", _("Not active")
    ELSEWHERE = "elsewhere", _("Wants alerts of other areas only")
    OTHER_CASES = "other_cases", _("Wants alerts of other kinds of cases only")
    NOT_CHOSEN = "not_chosen", _("Not among the kinds and roles chosen")


class DeliveryState(models.TextChoices):
    """Where one message to one address stands; written only by `alerts/delivery.py`."""

    QUEUED = "queued", pgettext_lazy("delivery", "Queued")
    CLAIMED = "claimed", pgettext_lazy("delivery", "Being sent")
    SENT = "sent", pgettext_lazy("delivery", "Sent")
    DELIVERED = "delivered", pgettext_lazy("delivery", "Arrived")
    RETRY = "retry", pgettext_lazy("delivery", "Will be tried again")
    FAILED = "failed", pgettext_lazy("delivery", "Failed for good")
    SUPPRESSED = "suppressed", pgettext_lazy("delivery", "Suppressed")


class ProcessKind(models.TextChoices):
    """What gives signs of life: a process, or an empty task through a queue."""

    WORKER = "worker", _("Worker")
    BEAT = "beat", _("Scheduler")
    RELAY = "relay", _("Relay")
    QUEUE_ALERTS = "queue_alerts", _("Queue of alerts")
    QUEUE_WEBHOOKS = "queue_webhooks", _("Queue of webhooks")
    QUEUE_DEFAULT = "queue_default", _("Queue of notices")


UNSENT_STATES = (DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.RETRY)


class NoticeKind(models.TextChoices):
    """What a portal user is told by mail; never with a name or a plate (U40)."""

    REQUEST_RECEIVED = "request_received", _("Request received")
    REQUEST_ANSWERED = "request_answered", _("Request answered")
    REVIEW_WANTED = "review_wanted", _("Legal opinion wanted")
    REVIEW_ANSWERED = "review_answered", _("Legal opinion answered")
    REVIEW_WITHDRAWN = "review_withdrawn", _("Question to the legal advisors withdrawn")
    REVIEW_RELEASED = "review_released", _("Legal opinion released to you")
    REVIEW_OVERDUE = "review_overdue", _("Legal opinion overdue")
    CORRECTION_ACCEPTED = "correction_accepted", _("Your correction was taken over")
    CORRECTION_REFUSED = "correction_refused", _("Your correction was not taken over")
    REQUEST_WITHDRAWN = "request_withdrawn", _("Request withdrawn")
    REQUEST_UPDATED = "request_updated", _("Facts changed since the request")
    QUESTION_ASKED = "question_asked", _("Question about a request")
    QUESTION_ANSWERED = "question_answered", _("Question answered")
    CANCELLATION_ASKED = "cancellation_asked", _("Cancellation requested")
    APPROVAL_WANTED = "approval_wanted", _("Approval wanted")
    RECOVERY = "recovery", _("Recovery")
    CHILD_LOCATED = "child_located", _("Child located, identity pending")
    SEARCH_GOES_ON = "search_goes_on", _("Another child was found: the search continues")
    SEARCH_REOPENED = "search_reopened", _("The search was taken up again")
    CANCEL_DUTY = "cancel_duty", _("Alert to be canceled")
    NOTICE_TO_END = "notice_to_end", _("Notice to be ended")
    DUTY_OVERDUE = "duty_overdue", _("Duty overdue")
    OVERDUE_ELSEWHERE = "overdue_elsewhere", _("Duty of a program without portal overdue")
    SIGHTING = "sighting", _("Sighting added")
    FACTS_CHANGED = "facts_changed", _("Facts changed, please acknowledge")
    UPDATE_PREPARED = "update_prepared", _("Update prepared")
    UPDATE_WANTED = "update_wanted", _("Approval of an update wanted")
    TAKEN_DOWN = "taken_down", _("Withdrawn from the public")
    TERM_ENDING = "term_ending", _("Decision on the term wanted")
    OUTSIDE_CORRECTED = "outside_corrected", _("Alert outside the portal corrected")
    OUTSIDE_RENEWED = "outside_renewed", _("Alert outside the portal renewed")
    TELL_BY_PHONE = "tell_by_phone", _("Program without portal to be told")
    NATIONAL_ENDED = "national_ended", _("National alert canceled")
    REQUEST_HANDED_ON = "request_handed_on", _("Request handed to another program")
    TEXT_REVIEW_WANTED = "text_review_wanted", _("Text review wanted")
    TEXT_REVIEWED = "text_reviewed", _("Words of an alert reviewed")
    APPROVAL_REFUSED = "approval_refused", _("Alert not approved")
    NOBODY_TO_APPROVE = "nobody_to_approve", _("No one else may approve an alert")
    SINGLE_OFFICER = "single_officer", _("Alert activated by a single officer")
    FALLBACK_USED = "fallback_used", _("Another agency decides under a fallback rule")
    HANDOVER_OFFERED = "handover_offered", _("Case offered to you")
    HANDOVER_ACCEPTED = "handover_accepted", _("Handoff of a case accepted")
    HANDOVER_REFUSED = "handover_refused", _("Handoff of a case refused")
    HANDOVER_WITHDRAWN = "handover_withdrawn", _("Offer of a case withdrawn")
    HANDOVER_EXPIRED = "handover_expired", _("Offer of a case expired")
    HOME_WAITING = "home_waiting", _("Your program's own decision is waited for")
    HOME_DECIDED = "home_decided", _("The home program has decided")
    HUB_TOLD = "hub_told", _("An alert beyond the territory was requested")
    DECIDER_TOLD = "decider_told", _("A request abroad was sent, on which you may decide")
    READER_NAMED = "reader_named", _("An operator named a reader of a sealed case")
    PROGRAM_UNREAD = "program_unread", _("No one from a program is named in a sealed case")
    UNACKNOWLEDGED = "unacknowledged", _("Request not acknowledged yet")
    UNHEARD_TO_HUB = "unheard_to_hub", _("A program does not acknowledge a request")
    CALL_PROGRAM = "call_program", _("No acknowledgment: call the program")
    TERM_UNANSWERED = "term_unanswered", _("A program has not decided on its term")
    LEAD_CHANGED = "lead_changed", _("Another agency leads the case")
    ROLE_ENDING = "role_ending", _("A last role ends")
    SHIFT_PREPARED = "shift_prepared", _("Handoff of a shift to accept")
    SHIFT_UNACCEPTED = "shift_unaccepted", _("No one has taken over from a shift")
    ROSTER_GAP = "roster_gap", _("Hours without anybody on duty")
    NUMBERS_WRONG = "numbers_wrong", _("A desk calls its numbers wrong")
    NUMBERS_STALE = "numbers_stale", _("Numbers of recipients to verify again")


# Told to supervisors who are not named as readers as well: that the list of readers changed from outside, or that
# nobody of it will be able to lift the seal (ADR 65).
DESPITE_SEAL = (NoticeKind.READER_NAMED, NoticeKind.ROLE_ENDING)


# What cannot wait until somebody opens their mail goes to a verified number as well (U39, U40).
TEXTED = (
    NoticeKind.REQUEST_RECEIVED, NoticeKind.UNACKNOWLEDGED, NoticeKind.UNHEARD_TO_HUB, NoticeKind.CALL_PROGRAM,
    NoticeKind.APPROVAL_WANTED, NoticeKind.NOBODY_TO_APPROVE, NoticeKind.UPDATE_WANTED, NoticeKind.CANCELLATION_ASKED,
    NoticeKind.CANCEL_DUTY, NoticeKind.DUTY_OVERDUE, NoticeKind.TERM_ENDING, NoticeKind.TERM_UNANSWERED,
    NoticeKind.CHILD_LOCATED, NoticeKind.SEARCH_GOES_ON, NoticeKind.SEARCH_REOPENED, NoticeKind.RECOVERY,
)  # fmt: skip


# Such a text message carries a code: a reply with it acknowledges the request (U38).
ANSWERED_BY_REPLY = (NoticeKind.REQUEST_RECEIVED, NoticeKind.UNACKNOWLEDGED)


class DeskWarningKind(models.TextChoices):
    """What is told of a desk to those who can mend it."""

    GAP = "gap", _("hours without anybody on duty")
    WRONG = "wrong", _("numbers called wrong")
    STALE = "stale", _("numbers of recipients to verify again")


class LastRole(models.TextChoices):
    """What nobody does any more once the last role for it has ended (U36)."""

    APPROVER = "approver", _("last approver")
    CONTACT = "contact", _("last duty contact")
    DESK = "desk", _("last duty contact of a desk")
    READER = "reader", _("last reader who can lift a seal")
