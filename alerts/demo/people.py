"""The demo's people: every role in every country, one shared password that everybody may know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from agencies.choices import Country, Language, Role
from agencies.models import Agency, Membership, User
from agencies.services import grant_membership

PASSWORD = "amber-bridge-demo"  # noqa: S105  published on purpose; `safety` keeps it out of real databases
ADMINISTRATOR = "admin@amber-bridge.example"

# The first part of each login, and the role behind it. Two coordinators, so that a second one can approve.
POSTS = (
    ("coordinator", Role.COORDINATOR),
    ("coordinator2", Role.COORDINATOR),
    ("officer", Role.DUTY_OFFICER),
    ("legal", Role.LEGAL_ADVISOR),
    ("staff", Role.STAFF),
)


@dataclass(frozen=True)
class Team:
    """The people of one agency, in the order of `POSTS`."""

    agency: str
    domain: str
    language: str
    names: tuple[str, str, str, str, str]


TEAMS = (
    Team(
        "us-ca-chp", "california", Language.EN,
        ("Carol Demo-Miller", "Chris Demo-Walker", "Casey Demo-Brooks", "Laura Sample-Grant", "Sam Demo-Turner"),
    ),
    Team(
        "us-tx-dps", "texas", Language.EN,
        ("Tess Demo-Harper", "Tom Demo-Bailey", "Terry Demo-Quinn", "Lee Sample-Carter", "Skyler Demo-Reed"),
    ),
    Team(
        "mx-bcn-amber", "baja-california", Language.ES,
        ("Blanca Demo-Ramírez", "Beto Demo-Salgado", "Berenice Demo-Luna", "Lidia Ejemplo-Ortega", "Bruno Demo-Nava"),
    ),
    Team(
        "mx-chh-amber", "chihuahua", Language.ES,
        ("Chela Demo-Rentería", "César Demo-Villa", "Citlali Demo-Baca", "Leonel Ejemplo-Terrazas", "Dora Demo-Ponce"),
    ),
    Team(
        "mx-fgr-amber", "fgr", Language.ES,
        ("Fernanda Demo-Castañeda", "Fidel Demo-Montes", "Flor Demo-Cruz", "Lorenzo Ejemplo-Vega", "Gilda Demo-Paz"),
    ),
    Team(
        "ca-qc-sq", "quebec", Language.FR,
        ("Quentin Exemple", "Odile Démo-Gagnon", "Luc Exemple", "Léa Exemple-Roy", "Yves Démo-Caron"),
    ),
    Team(
        "ca-on-opp", "ontario", Language.EN,
        ("Olivia Demo-Fraser", "Owen Demo-Campbell", "Oscar Demo-Hughes", "Lynn Sample-Stewart", "Joan Demo-Murray"),
    ),
)  # fmt: skip


def create_people() -> None:
    """Create everybody with one current membership each, and an administrator without any."""
    # One hash for all: computing it for each would take seconds, and the password is no secret.
    shared = make_password(PASSWORD)
    User.objects.create(
        email=ADMINISTRATOR, full_name="Ada Demo-Admin", password=shared, is_staff=True, is_superuser=True,
        reads_languages=[Language.EN],
    )  # fmt: skip
    agencies = Agency.objects.in_bulk([team.agency for team in TEAMS], field_name="code")
    for team in TEAMS:
        agency = agencies[team.agency]
        for (post, role), name in zip(POSTS, team.names, strict=True):
            user = User.objects.create(
                email=f"{post}@{team.domain}.example",
                full_name=name,
                password=shared,
                language=team.language,
                reads_languages=agency.languages,
                time_zone=agency.time_zone,
                is_staff=role == Role.STAFF,
            )
            grant_membership(user=user, agency=agency, role=role, by=None)


def logins_table() -> str:
    """Return the logins as an aligned table by country, then the password; people who lost theirs are left out."""
    rows = [(_("Country"), _("Agency"), _("Role"), _("Language"), _("Login")), *_login_rows()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*lines, "", _("Password of all: %(password)s") % {"password": PASSWORD}])


def _login_rows() -> Iterator[tuple[str, ...]]:
    emails = [f"{post}@{team.domain}.example" for team in TEAMS for post, _role in POSTS]
    held = (
        Membership.objects.current()
        .filter(user__email__in=emails, user__is_active=True)
        .select_related("user", "agency")
    )
    for membership in sorted(held, key=_by_country_and_post(emails)):
        yield (
            str(Country(membership.agency.country).label),
            _short_name(membership.agency),
            membership.get_role_display(),
            membership.user.get_language_display(),
            membership.user.email,
        )
    for administrator in User.objects.filter(email=ADMINISTRATOR, is_active=True):
        yield ("–", "–", _("Administrator"), administrator.get_language_display(), administrator.email)


def _by_country_and_post(emails: list[str]) -> Callable[[Membership], tuple[int, int]]:
    places = {email: place for place, email in enumerate(emails)}
    return lambda membership: (Country.values.index(membership.agency.country), places[membership.user.email])


def _short_name(agency: Agency) -> str:
    """Return the end of the code, for instance CHP: the whole names do not fit beside each other."""
    return agency.code.partition("-")[2].upper()
