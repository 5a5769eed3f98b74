"""What changes cases, each act whole: rows, timeline and audit in one transaction."""
