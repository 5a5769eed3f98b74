"""A word of its own in every field of free text of a case, JSON included: whoever shows one tells which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, models, transaction

from cases.models.code import CodeField

PREFIX = "Zq"
# Told to the public or to whoever signs in, or no free text though its column is one.
NO_SECRET = {"reference", "number", "time_zone", "series", "sha256", "mime_type", "content_hash", "token_hash"}


def protected_models() -> Iterator[type[models.Model]]:
    """Yield the models whose rows the second lock hides."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity")
        lock = {row[0] for row in cursor.fetchall()}
    for app in ("cases", "alerts"):
        yield from (model for model in apps.get_app_config(app).get_models() if model._meta.db_table in lock)


def fields_of(model: type[models.Model]) -> Iterator[models.Field]:
    """Yield the fields that hold what somebody wrote about a person, a place or a decision."""
    for field in model._meta.concrete_fields:
        is_text = isinstance(field, (models.CharField, models.TextField)) and not isinstance(field, CodeField)
        is_free = not field.choices and not field.unique and not field.generated and field.name not in NO_SECRET
        if is_text and is_free and not field.is_relation and (field.max_length or 99) >= 10:
            yield field


# What somebody wrote, among codes, ids, zones and times in JSON: several words, a name, a plate.
WRITTEN = re.compile(r"\S+\s.*|[A-Z][^\W\d_]*[a-z][^/]*|(?=.*\d)(?=.*[A-Z])[A-Z\d]{5,8}", re.DOTALL)


def json_fields_of(model: type[models.Model]) -> Iterator[models.Field]:
    """Yield the fields that hold JSON."""
    yield from (field for field in model._meta.concrete_fields if isinstance(field, models.JSONField))


def rewritten(value: Any, word: str) -> Any:
    """Return JSON with a canary instead of whatever somebody wrote in it; codes, ids and times stay."""
    if isinstance(value, dict):
        return {key: rewritten(item, word) for key, item in value.items()}
    if isinstance(value, list):
        return [rewritten(item, word) for item in value]
    return word if isinstance(value, str) and WRITTEN.fullmatch(value) else value


def plant() -> dict[str, str]:
    """Write a canary into every such field of every row that is there; return each with the field it stands in.

    A field whose trigger or constraint refuses the change keeps what it has.
    """
    planted: dict[str, str] = {}
    for number, model in enumerate(protected_models()):
        fields = [*((field, False) for field in fields_of(model)), *((field, True) for field in json_fields_of(model))]
        for place, (field, is_json) in enumerate(fields):
            word = f"{PREFIX}{number:02d}{place:02d}y"
            try:
                with transaction.atomic():
                    if _write_json(model, field.name, word) if is_json else _write(model, field.name, word):
                        planted[word] = f"{model._meta.label}.{field.name}"
            except (ProgrammingError, IntegrityError):
                continue
    return planted


def _write(model: type[models.Model], name: str, word: str) -> int:
    return model._base_manager.update(**{name: word})


def _write_json(model: type[models.Model], name: str, word: str) -> int:
    changed = 0
    for key, value in model._base_manager.values_list("pk", name):
        new = rewritten(value, word)
        if new != value:
            changed += model._base_manager.filter(pk=key).update(**{name: new})
    return changed


def found_in(text: str, planted: dict[str, str]) -> list[str]:
    """Return the fields whose canaries stand in a text, as they are or as an address writes them."""
    if PREFIX not in text:
        return []
    return sorted({place for word, place in planted.items() if word in text or quote(word) in text})
