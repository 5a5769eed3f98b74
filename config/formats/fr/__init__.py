"""Formats of Canada in French."""
