"""Models of cases."""

from .abduction import Abduction, CrossingIndication
from .case import Case, CaseNumber
from .case_access import CaseAccess, CasePage
from .case_event import CaseEvent
from .code import CodeValue
from .evidence import Document, Photo
from .legal_review import LegalReview
from .person import Child, Person, Vehicle
from .recovery import IdentityConfirmation, Recovery

__all__ = [
    "Abduction",
    "Case",
    "CaseAccess",
    "CaseEvent",
    "CaseNumber",
    "CasePage",
    "Child",
    "CodeValue",
    "CrossingIndication",
    "Document",
    "IdentityConfirmation",
    "LegalReview",
    "Person",
    "Photo",
    "Recovery",
    "Vehicle",
]
