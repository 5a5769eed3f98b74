"""Celery makes sending fast; the relay makes it certain (docs/adr: the relay over our own rows)."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")


def broker_url(redis_url: str) -> str:
    """Return Celery's name for a Redis address; a unix socket has a scheme of its own there."""
    return redis_url.replace("unix://", "redis+socket://", 1)


QUEUES = ("alerts", "webhooks", "default")
app = Celery("amber-bridge")
app.conf.update(
    broker_url=broker_url(settings.REDIS_URL),
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    # A task that dies with its worker is run again; the rows it claims bound the duplicates.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_time_limit=60,
    task_soft_time_limit=45,
    visibility_timeout=300,
    broker_transport_options={
        "visibility_timeout": 300,
        "socket_timeout": 3,  # an act waits this long at most for a broker that hangs
        "socket_connect_timeout": 2,
        "health_check_interval": 25,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "max_retries": 0,
    },
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # a worker waits for its broker as long as it takes
    broker_connection_timeout=2,
    # Waking the worker is only a hint: with Redis away the act must answer at once.
    task_publish_retry=False,
    worker_soft_shutdown_timeout=10,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    task_default_queue="default",
    task_queues=[Queue(name) for name in QUEUES],
    task_routes={
        "alerts.deliver": {"queue": "alerts"},
        "alerts.post": {"queue": "webhooks"},
        "alerts.text": {"queue": "webhooks"},
        "alerts.notify": {"queue": "default"},
    },
    beat_scheduler="config.beat:Scheduler",
    beat_schedule={
        "sweep": {"task": "alerts.sweep", "schedule": 15.0},
        **{
            f"canary {queue}": {
                "task": "alerts.canary",
                "schedule": 15.0,
                "args": [queue],
                "options": {"queue": queue, "expires": 60},  # a worker that comes back finds no heap of them
            }
            for queue in QUEUES
        },
    },
    timezone="UTC",
)
app.autodiscover_tasks()


@worker_ready.connect
def start_heartbeat(sender: Any, **_kwargs: Any) -> None:
    """Let the worker give signs of life until it is told to stop; whether it hears its queues, the canaries tell."""
    from alerts.choices import ProcessKind  # models are ready only in a running worker
    from alerts.heartbeats import beat_in_background

    is_over = beat_in_background(ProcessKind.WORKER)
    worker_shutting_down.connect(lambda **_told: is_over.set(), weak=False)
