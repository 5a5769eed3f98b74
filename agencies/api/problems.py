"""Every refusal of the API as one kind of JSON (RFC 9457 with a stable `code`), in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as ModelValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from agencies.refusals import ActRefused, EditConflict, TransitionConflict
from agencies.transitions import Machine

PROBLEM_TYPE = "application/problem+json"
Problem = tuple[int, dict[str, Any], dict[str, str]]


class KeyReused(ActRefused):
    """An Idempotency-Key came back with another request."""


class BadContent(exceptions.APIException):
    """A body that could not be taken in; `code` is for machines, `message` says why."""

    def __init__(self, code: str, message: object, status: int = 400) -> None:
        super().__init__(str(message), code)
        self.status_code = status


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the answer for an error and undo the request's transaction; None leaves a fault of ours to Django."""
    problem = _problem(error, context.get("view"))
    if problem is None:
        return None
    set_rollback()
    status, body, headers = problem
    return Response({"status": status, **body}, status=status, headers=headers, content_type=PROBLEM_TYPE)


# What is answered in the same words every time. The first row that fits counts.
FIXED: tuple[tuple[tuple[type[Exception], ...], int, str, Any], ...] = (
    # One body for what is missing and what is forbidden; the error's own words never leave the house.
    (
        (Http404, PermissionDenied, exceptions.NotFound),
        404,
        "not_found",
        gettext_lazy("There is nothing here, or it is not open to you."),
    ),
    (
        (exceptions.NotAuthenticated, exceptions.AuthenticationFailed),
        401,
        "not_signed_in",
        gettext_lazy("Sign in first."),
    ),
    # Only the check of the CSRF token refuses like this.
    ((exceptions.PermissionDenied,), 403, "csrf_failed", gettext_lazy("The CSRF token is missing or wrong.")),
    ((RequestDataTooBig,), 413, "too_large", gettext_lazy("The body is too large.")),
    ((exceptions.ParseError,), 400, "not_json", gettext_lazy("The body is not valid JSON.")),
)


def _problem(error: Exception, view: Any) -> Problem | None:
    for kinds, status, code, detail in FIXED:
        if isinstance(error, kinds):
            headers = {"WWW-Authenticate": "Session"} if status == 401 else {}
            return status, {"code": code, "detail": str(detail)}, headers
    if isinstance(error, ActRefused):
        return 409, _refusal(error, getattr(view, "machines", ())), {}
    if isinstance(error, exceptions.ValidationError):
        return 400, _invalid(error.detail), {}
    if isinstance(error, ModelValidationError):
        return 400, _invalid(getattr(error, "message_dict", {"non_field_errors": error.messages})), {}
    if isinstance(error, exceptions.APIException):
        return error.status_code, _other(error), _headers(error)
    return None


def _invalid(errors: Any) -> dict[str, Any]:
    if isinstance(errors, list):
        errors = {"non_field_errors": errors}
    return {"code": "invalid", "detail": _("Some values are not valid."), "errors": errors}


def _refusal(error: ActRefused, machines: Iterable[Machine]) -> dict[str, Any]:
    body: dict[str, Any] = {"code": "refused", "detail": str(error.message), "allowed": []}
    if isinstance(error, KeyReused):
        body["code"] = "key_reused"
    if isinstance(error, EditConflict):
        body |= {"code": "edit_conflict", "conflicts": error.conflicts}
    if isinstance(error, TransitionConflict):
        body["code"] = "step_not_possible"
        body["state"] = str(error.state)
        body["allowed"] = list(_steps(error.allowed, machines))
    return body


def _steps(labels: list[object], machines: Iterable[Machine]) -> Iterator[dict[str, str]]:
    """Name the steps whose labels a refusal carries. A label stands in one table only, so identity finds it."""
    known = [step for machine in machines for step in machine.steps]
    for label in labels:
        name = next((step.name for step in known if step.label is label), "")
        yield {"step": name, "label": str(label)}


def _other(error: exceptions.APIException) -> dict[str, Any]:
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else error.default_code
    return {"code": re.sub(r"[^a-z0-9]+", "_", code), "detail": str(error.detail)}


def _headers(error: exceptions.APIException) -> dict[str, str]:
    wait = getattr(error, "wait", None)
    return {"Retry-After": f"{wait:.0f}"} if wait else {}
