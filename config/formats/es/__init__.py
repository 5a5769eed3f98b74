"""Formats of Mexico."""
