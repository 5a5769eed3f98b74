"""Pages of requests, alerts and the public."""
