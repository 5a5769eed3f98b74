"""Forms of requests and alerts."""
