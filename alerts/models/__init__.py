"""Models of requests, alerts and deliveries."""

from .alert import Alert, AlertArea, AlertNumber, AlertText
from .alert_message import AlertMessage
from .alert_update import AlertUpdate
from .approval_call import ApprovalCall
from .coverage import CoveredAlert
from .delivery import Delivery, Notice, Recipient
from .delivery_attempt import DeliveryAttempt
from .desk_warning import DeskWarning
from .duty import Duty
from .exchange import InformationRound, RequestNote
from .facts_read import FactsRead
from .heartbeat import Heartbeat
from .kept_request import KeptPhoto, KeptRequest
from .ladder import LadderRung
from .lower_level import LowerNotice
from .number_proof import NumberProof
from .outside import OutsideActivation, OutsideAnswer, OutsideChange
from .public_alert import PublicAlert, PublicAlertText, PublicPhoto
from .receipt import ProviderReceipt
from .recipient_desk import RecipientDesk
from .redaction import Redaction
from .request import ExtensionRequest
from .role_ending import RoleEnding
from .shift_note import ShiftNote, ShiftPromise
from .text_review import TextReview
from .transit import TransitRoute

__all__ = [
    "Alert",
    "AlertArea",
    "AlertMessage",
    "AlertNumber",
    "AlertText",
    "AlertUpdate",
    "ApprovalCall",
    "CoveredAlert",
    "Delivery",
    "DeliveryAttempt",
    "DeskWarning",
    "Duty",
    "ExtensionRequest",
    "FactsRead",
    "Heartbeat",
    "InformationRound",
    "KeptPhoto",
    "KeptRequest",
    "LadderRung",
    "LowerNotice",
    "Notice",
    "NumberProof",
    "OutsideActivation",
    "OutsideAnswer",
    "OutsideChange",
    "ProviderReceipt",
    "PublicAlert",
    "PublicAlertText",
    "PublicPhoto",
    "Recipient",
    "RecipientDesk",
    "Redaction",
    "RequestNote",
    "RoleEnding",
    "ShiftNote",
    "ShiftPromise",
    "TextReview",
    "TransitRoute",
]
