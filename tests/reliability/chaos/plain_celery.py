"""Celery without the sweep over our rows, for runs without the relay: what is left is what Celery alone does."""

from config.celery import app

app.conf.beat_schedule = {name: entry for name, entry in app.conf.beat_schedule.items() if name != "sweep"}
