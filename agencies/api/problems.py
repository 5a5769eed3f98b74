"""Every refusal of the API as one kind of JSON (RFC 9457 with a stable `code`), in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as ModelValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from agencies.refusals import ActRefused, TransitionConflict
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


def _problem(error: Exception, view: Any) -> Problem | None:
    if isinstance(error, Http404 | PermissionDenied | exceptions.NotFound):
        # One body for what is missing and what is forbidden; the error's own words never leave the house.
        return 404, {"code": "not_found", "detail": _("There is nothing here, or it is not open to you.")}, {}
    if isinstance(error, ActRefused):
        return 409, _refusal(error, getattr(view, "machines", ())), {}
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return 401, {"code": "not_signed_in", "detail": _("Sign in first.")}, {"WWW-Authenticate": "Session"}
    if isinstance(error, exceptions.PermissionDenied):  # only the check of the CSRF token refuses like this
        return 403, {"code": "csrf_failed", "detail": _("The CSRF token is missing or wrong.")}, {}
    if isinstance(error, RequestDataTooBig):
        return 413, {"code": "too_large", "detail": _("The body is too large.")}, {}
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
    if isinstance(error, exceptions.ParseError):
        return {"code": "not_json", "detail": _("The body is not valid JSON.")}
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else error.default_code
    return {"code": re.sub(r"[^a-z0-9]+", "_", code), "detail": str(error.detail)}


def _headers(error: exceptions.APIException) -> dict[str, str]:
    wait = getattr(error, "wait", None)
    return {"Retry-After": f"{wait:.0f}"} if wait else {}
