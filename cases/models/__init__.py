"""Models of cases."""

from .abduction import Abduction, CrossingIndication
from .assessment import Assessment, AssessmentAnswer
from .case import Case, CaseNumber
from .case_access import CaseAccess, CasePage
from .case_event import CaseEvent
from .code import CodeValue
from .evidence import Document, Photo
from .home_decision import HomeDecision
from .legal_review import LegalReview
from .person import Child, Person, Vehicle
from .recovery import IdentityConfirmation, Recovery

__all__ = [
    "Abduction",
    "Assessment",
    "AssessmentAnswer",
    "Case",
    "CaseAccess",
    "CaseEvent",
    "CaseNumber",
    "CasePage",
    "Child",
    "CodeValue",
    "CrossingIndication",
    "Document",
    "HomeDecision",
    "IdentityConfirmation",
    "LegalReview",
    "Person",
    "Photo",
    "Recovery",
    "Vehicle",
]
