"""Requests, alerts and deliveries in the administration, for looking up; recipients, for editing."""

from . import alert, deliveries, recipients, requests, updates

__all__ = ["alert", "deliveries", "recipients", "requests", "updates"]
