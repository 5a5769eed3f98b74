"""Models of agencies, people, programs and the audit."""

from .activation import ActivatingBody, ActivationFallback
from .agency import Agency, AgencyGroupPermission, AgencyUserPermission, RoleGroup
from .alert_program import AlertProgram
from .audit_event import AuditEvent
from .audit_seal import AuditSeal
from .criteria import CriteriaVersion
from .desk import ProgramDesk, ProgramRoute
from .desk_check import DeskCheck
from .ladder import ProgramLadder
from .membership import Membership
from .roster import CalendarLink, Holiday, RosterShift, ShiftOverride
from .second_factor import RecoveryCode, SecondFactor
from .subdivision import Subdivision
from .submitted_act import SubmittedAct
from .user import User

__all__ = [
    "ActivatingBody",
    "ActivationFallback",
    "Agency",
    "AgencyGroupPermission",
    "AgencyUserPermission",
    "AlertProgram",
    "AuditEvent",
    "AuditSeal",
    "CalendarLink",
    "CriteriaVersion",
    "DeskCheck",
    "Holiday",
    "Membership",
    "ProgramDesk",
    "ProgramLadder",
    "ProgramRoute",
    "RecoveryCode",
    "RoleGroup",
    "RosterShift",
    "SecondFactor",
    "ShiftOverride",
    "Subdivision",
    "SubmittedAct",
    "User",
]
