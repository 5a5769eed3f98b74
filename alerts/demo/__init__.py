"""Invented people, recipients, cases and alerts of the demo; every name, address and plate says that it is invented."""
