"""How messages travel: one module per channel, each answering accepted, try again or never."""
