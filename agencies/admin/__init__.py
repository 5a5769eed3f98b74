"""Agencies, people, programs, criteria and the audit trail in the administration."""

from . import agency, audit, criteria, memberships, people, programs, roster, subdivision

__all__ = ["agency", "audit", "criteria", "memberships", "people", "programs", "roster", "subdivision"]
