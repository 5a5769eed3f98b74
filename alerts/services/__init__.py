"""What changes requests and alerts, each act whole: state, timeline, audit, messages and deliveries together."""
