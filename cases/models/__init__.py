"""Models of cases."""

from .abduction import Abduction, CrossingIndication
from .assessment import Assessment, AssessmentAnswer
from .blind_question import BlindQuestion
from .case import Case, CaseNumber
from .case_access import CaseAccess, CasePage
from .case_event import CaseEvent
from .closure import Closure
from .code import CodeValue
from .correction import CorrectionProposal
from .draft import CaseDraft, CaseDraftVersion
from .evidence import Document, Photo
from .facts_draft import FactsDraft
from .handover import CaseHandover
from .history import VERSIONS
from .home_decision import HomeDecision
from .legal_review import LegalReview, ReviewRelease
from .part_mark import PartMark, PartRelease
from .person import Child, Person, Vehicle
from .place import PlaceZone
from .plate import Plate
from .publication import PublicationAuthority
from .record import ExternalReference, ParallelNotice
from .recovery import IdentityConfirmation, Recovery
from .seal import CaseReader, CaseSeal
from .sighting import Sighting
from .travel import Link, TravelLeg
from .upload import PhotoUpload, PhotoUploadPart

__all__ = [
    "VERSIONS",
    "Abduction",
    "Assessment",
    "AssessmentAnswer",
    "BlindQuestion",
    "Case",
    "CaseAccess",
    "CaseDraft",
    "CaseDraftVersion",
    "CaseEvent",
    "CaseHandover",
    "CaseNumber",
    "CasePage",
    "CaseReader",
    "CaseSeal",
    "Child",
    "Closure",
    "CodeValue",
    "CorrectionProposal",
    "CrossingIndication",
    "Document",
    "ExternalReference",
    "FactsDraft",
    "HomeDecision",
    "IdentityConfirmation",
    "LegalReview",
    "Link",
    "ParallelNotice",
    "PartMark",
    "PartRelease",
    "Person",
    "Photo",
    "PhotoUpload",
    "PhotoUploadPart",
    "PlaceZone",
    "Plate",
    "PublicationAuthority",
    "Recovery",
    "ReviewRelease",
    "Sighting",
    "TravelLeg",
    "Vehicle",
]
