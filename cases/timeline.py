"""Words for timeline entries, which hold codes and ids only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from cases.choices import EventAction, HomeOutcome
from cases.models import CaseEvent
from cases.models.code import code_label

TITLES: dict[str, Any] = {
    "opened": _("Case opened"),
    "drafted": _("Took part in the draft of the facts"),
    "facts_changed": _("Facts changed"),
    "correction_proposed": _("Correction proposed"),
    "correction_accepted": _("Proposed correction taken over"),
    "correction_refused": _("Proposed correction refused"),
    "photo_added": _("Photo added"),
    "shared": _("Case shared"),
    "share_ended": _("Share of the case withdrawn"),
    "sight_dated": _("End of an agency's sight set"),
    "sighting_added": _("Sighting added"),
    "reference_added": _("External reference recorded"),
    "parallel_notice": _("Parallel notice recorded"),
    "authority_recorded": _("Authority to publish recorded"),
    "authority_revoked": _("Authority to publish revoked"),
    "parts_marked": _("Parts of the case released or held back"),
    "parts_given": _("Police-only parts given to an agency"),
    "parts_taken_back": _("Police-only parts withdrawn from an agency"),
    "identity_confirmed": _("Identity confirmed by one officer"),
    "home_decision": _("Decision of the home program recorded"),
    "sealed": _("Case sealed"),
    "unsealed": _("Seal of the case lifted"),
    "reader_named": _("Reader of the sealed case named"),
    "reader_removed": _("Reader of the sealed case removed"),
    "case.activate": _("Case activated"),
    "case.report_located": _("Every child located, identity pending"),
    "case.resume_search": _("Search resumed"),
    "case.recover": _("Recovery confirmed"),
    "people_cleared": _("Named people cleared"),
    "family_informed": _("Family informed"),
    "case.reopen": _("Case reopened, the search continues"),
    "case.close": _("Case closed"),
    "case.close_as_unfounded": _("Case closed as unfounded"),
    "case.close_as_hoax": _("Case closed as a hoax"),
    "child.report_located": _("Child located, identity pending"),
    "child.resume_search": _("Search for the child resumed"),
    "child.reject_identity": _("The child who was found is a different child; the search continues"),
    "child.recover": _("Child recovered"),
    "child.reopen": _("Recovery withdrawn, the child is missing"),
    "legalreview.ask": _("Legal opinion requested"),
    "legalreview.ask_again": _("Legal opinion requested again"),
    "legalreview.return_for_facts": _("Legal advisor needs more facts"),
    "legalreview.give": _("Legal opinion recorded"),
    "legalreview.release": _("Legal opinion released"),
    "legalreview.withdraw": _("Question to the legal advisors withdrawn"),
    "handover.offer": _("Handoff of the case offered"),
    "handover.accept": _("Case handed over to another lead agency"),
    "handover.refuse": _("Handoff of the case refused"),
    "handover.withdraw": _("Handoff of the case withdrawn"),
    "handover.expire": _("Handoff of the case expired unanswered"),
    "request.send": _("Request sent"),
    "request.hub_told": _("Hub told of the request, by reference only"),
    "request.hub_not_told": _("Hub not notified: no one at the hub receives requests in the portal"),
    "alert.not_prepared": _("No new alert prepared: nobody of the program is named in the sealed case"),
    "request.ladder_desk": _("Not acknowledged: the whole desk told"),
    "request.ladder_supervisor": _("Not acknowledged: supervisors of the program told"),
    "request.ladder_top": _("Not acknowledged: hub and requesting agency notified"),
    "request.acknowledge": _("Request acknowledged"),
    "request.ask_information": _("More information requested"),
    "request.answer_information": _("Information answered"),
    "request.accept": _("Request accepted"),
    "request.accept_changed_area": _("Request accepted with a changed area"),
    "request.accept_lower_level": _("Request accepted at a lower level"),
    "request.decline": _("Request declined"),
    "request.withdraw": _("Request withdrawn"),
    "request.activate": _("Request led to an active alert"),
    "request.activate_outside": _("Activation outside the portal recorded"),
    "request.correct_outside": _("What is recorded of the alert outside the portal was corrected"),
    "request.renew_outside": _("Alert outside the portal renewed"),
    "request.ask_cancellation": _("Cancellation requested"),
    "request.cancel": _("Request ended with the alert"),
    "request.refuse_cancellation": _("Cancellation refused"),
    "request.refuse_cancellation_outside": _("Cancellation refused"),
    "request.keep_lower_level": _("Cancellation refused"),
    "request.keep_notice": _("Cancellation refused"),
    "request.raise_level": _("Raised to an AMBER Alert"),
    "request.end_notice": _("What was accepted was ended"),
    "request.escalate": _("Request handed to another program"),
    "request.expire": _("Request ended with the term of the alert"),
    "request.lapse": _("Request lapsed: the case has ended"),
    "request.asker_changed": _("Request passed to the new lead agency"),
    "request.taken": _("Request taken charge of"),
    "request.updated": _("Changed facts told to the program"),
    "request.lower_notice": _("Notice below alert level put in force"),
    "request.confirm_cancellation": _("Cancellation confirmed"),
    "alert.submit": _("Alert submitted for approval"),
    "alert.approve": _("Alert approved"),
    "alert.language_approved": _("Texts of the alert approved in some languages"),
    "alert.revise": _("Alert returned to draft"),
    "alert.activate": _("Alert activated"),
    "alert.activate_alone": _("Alert activated by a single officer"),
    "alert.fallback_used": _("Decision on the alert taken over under a fallback rule"),
    "alert.fallback_ended": _("Decision on the alert given back to the program"),
    "alert.approval_refused": _("Alert not approved"),
    "alert.approval_asked": _("Approvers asked again"),
    "alert.sent_again": _("Failed deliveries of the alert sent again"),
    "alert.cancel": _("Alert canceled"),
    "alert.expire": _("Alert expired"),
    "alert.discard": _("Alert draft discarded"),
    "alert.open_case": _("Expired alert put up as an open case"),
    "alert.open_case_ended": _("Page of the open case taken down"),
    "alert.part_withdrawn": _("Part of the public alert withdrawn"),
    "update.submit": _("Update of the alert submitted for approval"),
    "update.revise": _("Update of the alert returned to preparation"),
    "update.issue": _("Update of the alert issued"),
    "update.refuse": _("Update of the alert refused"),
    "update.supersede": _("Prepared update no longer needed"),
    "textreview.ask": _("Review of text in one language requested"),
    "textreview.take": _("Text review taken"),
    "textreview.hand_back": _("Text review handed back"),
    "textreview.confirm": _("Words confirmed by a reviewer"),
    "textreview.correct": _("Words corrected by a reviewer"),
    "textreview.withdraw": _("Text review withdrawn"),
    "textreview.supersede": _("Text review no longer needed"),
    "duty.discharge": _("Duty discharged"),
    "duty.supersede": _("Duty no longer needed"),
}


# Here the agency is the one that something was given to or taken from, not that of the person who did it.
GIVEN_TO = frozenset({EventAction.SHARED, EventAction.PARTS_GIVEN, EventAction.PARTS_TAKEN_BACK})


@dataclass(frozen=True)
class TimelineEntry:
    """One entry as the page shows it."""

    at: datetime
    title: Any
    who: str
    text: str = ""
    zone: str = ""
    tone: str = ""


def describe(event: CaseEvent) -> TimelineEntry:
    """Return one entry in the reader's language: what, by whom, for which agency."""
    if event.actor is None:
        who = str(_("AMBER Bridge"))
    elif event.agency is None or event.kind in GIVEN_TO:
        who = event.actor.full_name
    else:
        who = f"{event.actor.full_name}, {event.agency.name}"
    text = event.agency.name if event.agency and event.kind in GIVEN_TO else _whom(event) or _why(event)
    return TimelineEntry(at=event.at, title=TITLES.get(event.kind, event.kind), who=who, text=text)


def _whom(event: CaseEvent) -> str:
    """Return the hub that was told of a request, by its name in the reader's language."""
    names: dict[str, str] = event.detail.get("names", {})
    return names.get((get_language() or "en")[:2], "")


def _why(event: CaseEvent) -> str:
    """Return why an alert ended or stays readable, and that it ended early; an officer's words stand on the alert.

    Of the home program's decision: what was decided, why, and what was done instead (U4).
    """
    if event.kind == "alert.open_case":
        return code_label("open_case_reason", event.detail.get("reason", ""))
    if event.kind == "alert.activate" and event.detail.get("exception") == "fallback":
        return gettext("By another agency than the program's own, under a fallback rule.")
    if event.kind == EventAction.HOME_DECISION:
        outcome = dict(HomeOutcome.choices).get(event.detail.get("outcome"), "")
        reason = code_label("decline_reason", event.detail.get("reason", ""))
        instead = code_label("alternative", event.detail.get("alternative", ""))
        return " – ".join(str(part) for part in (outcome, reason, instead) if part)
    if event.kind != "alert.cancel" or not event.detail.get("reason"):
        return ""
    reason = code_label("end_reason", event.detail["reason"])
    if not event.detail.get("is_early"):
        return reason
    return gettext("%(reason)s – before the shortest duration of the program; the explanation stands on the alert.") % {
        "reason": reason
    }
