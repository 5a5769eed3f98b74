"""American English formats."""
