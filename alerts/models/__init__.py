"""Models of requests, alerts and deliveries."""

from .alert import Alert, AlertArea, AlertNumber, AlertText
from .alert_message import AlertMessage
from .alert_update import AlertUpdate
from .delivery import Delivery, DeliveryAttempt, Notice, Recipient
from .duty import Duty
from .public_alert import PublicAlert, PublicAlertText, PublicPhoto
from .redaction import Redaction
from .request import ExtensionRequest

__all__ = [
    "Alert",
    "AlertArea",
    "AlertMessage",
    "AlertNumber",
    "AlertText",
    "AlertUpdate",
    "Delivery",
    "DeliveryAttempt",
    "Duty",
    "ExtensionRequest",
    "Notice",
    "PublicAlert",
    "PublicAlertText",
    "PublicPhoto",
    "Recipient",
    "Redaction",
]
