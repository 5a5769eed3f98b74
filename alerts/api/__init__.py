"""Requests, alerts, deliveries and the import of CAP under /api/v1/."""
