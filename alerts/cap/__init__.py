"""Common Alerting Protocol 1.2: our words for it, writing it, judging it, and taking it in from partners.

Plain Python without models, so that every rule of the protocol can be tried without a database.
"""
