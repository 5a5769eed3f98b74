"""The names and code values of CAP 1.2 and of its US, Canadian and Mexican profiles that this portal uses."""

from __future__ import annotations

import re

CAP_NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
CAP_1_1_NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.1"
XMLDSIG_NAMESPACE = "http://www.w3.org/2000/09/xmldsig#"
XINCLUDE_NAMESPACE = "http://www.w3.org/2001/XInclude"
MIME_TYPE = "application/cap+xml"

# In identifier and sender, because references join them with commas and spaces (CAP 1.2, section 3.2.1).
FORBIDDEN_IN_NAMES = re.compile(r"[\s,<&]")

STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
MSG_TYPES = ("Alert", "Update", "Cancel", "Ack", "Error")
MSG_TYPES_WITH_REFERENCES = ("Update", "Cancel", "Ack", "Error")
SCOPES = ("Public", "Restricted", "Private")
CATEGORIES = (
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other",
)  # fmt: skip
RESPONSE_TYPES = ("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None")
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")

# What may stand in what; whatever is not a container holds a value.
_PAIR = frozenset({"valueName", "value"})
CHILDREN = {
    "alert": frozenset({
        "identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction", "addresses", "code",
        "note", "references", "incidents", "info",
    }),
    "info": frozenset({
        "language", "category", "event", "responseType", "urgency", "severity", "certainty", "audience", "eventCode",
        "effective", "onset", "expires", "senderName", "headline", "description", "instruction", "web", "contact",
        "parameter", "resource", "area",
    }),
    "resource": frozenset({"resourceDesc", "mimeType", "size", "uri", "derefUri", "digest"}),
    "area": frozenset({"areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling"}),
    "eventCode": _PAIR,
    "parameter": _PAIR,
    "geocode": _PAIR,
}  # fmt: skip
VALUES = frozenset().union(*CHILDREN.values()) - frozenset(CHILDREN)

# An absent language means US English (CAP 1.2, section 3.2.2).
DEFAULT_LANGUAGE = "en-US"
LANGUAGES = {"en": "en-US", "es": "es-MX", "fr": "fr-CA"}

# One value name serves two purposes: SAME event codes, and SAME places (PSSCCC, P = part of the county).
SAME = "SAME"
SAME_CHILD_ABDUCTION = "CAE"

# Canada's profile: its event list, and Statistics Canada's geographical classification for places.
CAP_CP_EVENT = "profile:CAP-CP:Event:0.4"
CAP_CP_EVENT_AMBER = "amber"
CAP_CP_LOCATION = "profile:CAP-CP:Location:0.3"

# CAP has no agreed value name for Mexico's clave geoestadística (EE, EEMMM or EEMMMLLLL): this one is our convention.
INEGI_AREA = "INEGI:AGEM"
ISO_SUBDIVISION = "ISO3166-2"

AMBER_EVENT_CODES = ((SAME, SAME_CHILD_ABDUCTION), (CAP_CP_EVENT, CAP_CP_EVENT_AMBER))
