"""The second factor at sign-in: enrolled, asked for, replaced, removed and reset (ADR 70)."""

from __future__ import annotations

import time
from collections.abc import Iterable

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access, account_mails, audit, ciphers, one_time_codes
from agencies.identifiers import uuid7
from agencies.models import RecoveryCode, SecondFactor, User
from agencies.reach import may_edit_account
from agencies.refusals import ActRefused, NotPermitted

BY_APP = "app"
BY_RECOVERY_CODE = "recovery_code"


def is_required_of(user: User) -> bool:
    """Say whether this person may do nothing without a second factor: everywhere, or in one of their agencies."""
    return settings.SECOND_FACTOR_REQUIRED or access.belongs_where_factor_is_required(user)


def seed_of(factor: SecondFactor) -> bytes:
    """Return the secret that the portal shares with the app. Refuses (CannotDecrypt) a row of another factor."""
    return ciphers.decrypt(factor.seed, bound_to=_bound(factor))


def _bound(factor: SecondFactor) -> str:
    return f"agencies_secondfactor:{factor.pk}:seed"


def codes_left(user: User) -> int:
    """Return how many recovery codes this person has not used; 0 without a second factor."""
    return RecoveryCode.objects.filter(factor=user.second_factor_id, used_at=None).count()


def hold(user: User) -> User | None:
    """Lock this person until the transaction ends and return them as they are now; None when the account is gone.

    The one lock of everything that uses, changes or takes away a second factor, so that no two of these can wait for
    each other. Rows that refer to the person, such as events of the audit, are written meanwhile.
    """
    return User.objects.select_for_update(of=("self",), no_key=True).filter(pk=user.pk).first()


# --- proving it ------------------------------------------------------------------------------------------------------


@transaction.atomic
def prove(*, request: HttpRequest, user: User, code: str = "", recovery_code: str = "") -> str:
    """Use up a code of this person's app, or a recovery code; return `app` or `recovery_code`, "" when it was wrong.

    Wrong codes are counted with wrong passwords and lock the login as these do (CJIS AC-7); while it is locked no
    code is right. Tries for one person come one after the other, so that many at once count one by one and the same
    code does not work twice (ASVS 6.5.1). With both, the app's is looked at alone and no recovery code is used up.
    """
    person = hold(user)
    factor = person.second_factor if person else None
    credentials = {"username": user.email}
    if factor is None:
        return ""
    if not AxesProxyHandler.is_allowed(request, credentials):
        request.axes_locked_out, request.axes_credentials = True, credentials  # type: ignore[attr-defined]
        return ""
    if code:
        if _use_code(factor, code):
            audit.record("session.code_used", by=user, objects=[user])
            return BY_APP
    elif recovery_code and _use_recovery_code(factor, recovery_code):
        audit.record("session.recovery_code_used", by=user, objects=[user], detail={"left": codes_left(user)})
        account_mails.tell(user, account_mails.RECOVERY_CODE_USED)
        return BY_RECOVERY_CODE
    user_login_failed.send(sender=__name__, credentials=credentials, request=request)
    return ""


def _use_code(factor: SecondFactor, code: str) -> bool:
    seed = seed_of(factor)
    step = one_time_codes.step_of(seed, code, moment=time.time(), after=factor.last_step)
    if step is None:
        return False
    factor.last_step = step
    if not ciphers.is_current(factor.seed):
        factor.seed = ciphers.encrypt(seed, bound_to=_bound(factor))
    factor.save(update_fields=["last_step", "seed"])
    return True


def _use_recovery_code(factor: SecondFactor, typed: str) -> bool:
    read = one_time_codes.read_recovery_code(typed)
    row = factor.recovery_codes.filter(number=read[0], used_at=None).first() if read else None
    if read is None or row is None or not check_password(read[1], row.hashed):
        return False
    row.used_at = timezone.now()
    row.save(update_fields=["used_at"])
    return True


# --- changing it -----------------------------------------------------------------------------------------------------


@transaction.atomic
def enrol(*, user: User, seed: bytes, code: str) -> list[str]:
    """Let this person's app with this secret be their second factor; return ten recovery codes, to be shown once.

    Replaces the one they had, with its codes and every session that was begun with it. The caller has asked for the
    password, and for a code of the former app. Refuses a code that is not of this secret, and one used already.
    """
    person = _held(user)
    step = one_time_codes.step_of(seed, code, moment=time.time())
    if step is None:
        raise ActRefused(_("This code does not belong to the key. Scan the key again, then enter the code shown now."))
    former = person.second_factor
    factor = SecondFactor(pk=uuid7(), last_step=step)
    factor.seed = ciphers.encrypt(seed, bound_to=_bound(factor))
    factor.save(force_insert=True)
    codes = _give_recovery_codes(factor)
    _put(person, factor)
    if former is not None:
        former.delete()
    audit.record("user.factor_replaced" if former else "user.factor_enrolled", by=user, objects=[user])
    account_mails.tell(user, account_mails.REPLACED if former else account_mails.ENROLLED)
    user.second_factor = factor
    return codes


@transaction.atomic
def renew_recovery_codes(*, user: User) -> list[str]:
    """Return ten new recovery codes, to be shown once; the former ones work no more. The caller asked for the proof."""
    factor = _held(user).second_factor
    if factor is None:
        raise ActRefused(_("You have no second factor."))
    factor.recovery_codes.all().delete()
    codes = _give_recovery_codes(factor)
    audit.record("user.recovery_codes_renewed", by=user, objects=[user])
    account_mails.tell(user, account_mails.CODES_RENEWED)
    return codes


@transaction.atomic
def remove(*, user: User) -> None:
    """Take one's own second factor away; refuses where it is required. The caller has asked for password and code."""
    if is_required_of(user):
        raise ActRefused(_("A second factor is required of you: replace it instead of removing it."))
    _take_away(user)
    audit.record("user.factor_removed", by=user, objects=[user])
    account_mails.tell(user, account_mails.REMOVED)


@transaction.atomic
def reset(*, user: User, by: User | None) -> None:
    """Take a person's second factor away because their phone is lost; whoever needs one enrols at the next sign-in.

    Ends every session that was begun with it. `by` is None for the operator's command. Refuses (NotPermitted) anybody
    who may not change that account, the person themselves first of all; refuses a person who has none.
    """
    if by is not None and not may_edit_account(by, user):
        raise NotPermitted
    if user.second_factor_id is None:
        raise ActRefused(_("This person has no second factor."))
    _take_away(user)
    audit.record("user.factor_reset", by=by, objects=[user])
    account_mails.tell(user, account_mails.RESET)


def _give_recovery_codes(factor: SecondFactor) -> list[str]:
    codes = one_time_codes.new_recovery_codes()
    RecoveryCode.objects.bulk_create(_rows(factor, codes))
    return codes


def _rows(factor: SecondFactor, codes: Iterable[str]) -> Iterable[RecoveryCode]:
    for code in codes:
        number, letters = one_time_codes.read_recovery_code(code) or (0, "")
        yield RecoveryCode(factor=factor, number=number, hashed=make_password(letters))


def _held(user: User) -> User:
    person = hold(user)
    if person is None:
        raise NotPermitted
    return person


def _put(person: User, factor: SecondFactor | None) -> None:
    person.second_factor = factor
    person.save(update_fields=["second_factor"])


def _take_away(user: User) -> None:
    person = _held(user)
    former = person.second_factor
    _put(person, None)
    if former is not None:
        former.delete()
    user.second_factor = None
