"""A partner's CAP alert becomes a draft case, the original kept byte for byte."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.choices import Capability
from agencies.models import Agency, User
from agencies.permissions import may
from agencies.refusals import ActRefused, NotPermitted
from alerts.cap.receive import receive
from cases.choices import DocumentKind
from cases.models import Case, Document
from cases.services.facts import keep_document
from cases.services.files import open_case

CAP_MIME_TYPE = "application/cap+xml"


class AlreadyImported(ActRefused):
    """An agency of the person has this very message already."""


@transaction.atomic
def import_cap(*, raw: bytes, by: User, agency: Agency) -> Case:
    """Open a draft case from a partner's message; returns the case.

    The message's own triple becomes the file's other reference; its words stay in the original, because nobody
    has turned them into facts yet. Refuses with `CapRefused` what is hostile, too large, damaged or no CAP, and
    with `AlreadyImported` a message that an agency of the person has already imported; then nothing is stored.
    """
    if not may(by, Capability.IMPORT_CASES, agency):
        raise NotPermitted
    received = receive(raw)
    message = received.message
    name = f"{message.identifier}.xml"
    earlier = Document.objects.visible_to(by).filter(
        kind=DocumentKind.PARTNER_CAP, name=name[:120], case__agency_reference=message.identifier[:60]
    )
    if existing := earlier.select_related("case").first():
        raise AlreadyImported(
            _("This message was already imported as case %(reference)s.") % {"reference": existing.case.reference}
        )
    case = open_case(
        by=by,
        agency=agency,
        is_exercise=message.status in ("Exercise", "Test"),
        agency_reference=message.identifier[:60],
    )
    document = keep_document(
        case=case, by=by, content=raw, name=name, mime_type=CAP_MIME_TYPE, kind=DocumentKind.PARTNER_CAP
    )
    audit.record("case.imported", by=by, objects=[case, document], case_id=case.pk)
    return case
