"""Ways to take one check away in the running process, and to put it back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, Value
from django.db.models.fields import BooleanField

Make = Callable[[Callable[..., Any]], Callable[..., Any]]


def _trampoline(*args: Any, _instead: Any, **named: Any) -> Any:
    return _instead(*args, **named)


@dataclass(frozen=True)
class FunctionPlace:
    """A function of a module. Its code is exchanged, so that tables and modules that hold it under any name follow."""

    function: FunctionType

    @property
    def name(self) -> str:
        """Return the module and the name."""
        return f"{self.function.__module__}.{self.function.__name__}"

    @contextmanager
    def put(self, make: Make) -> Iterator[None]:
        """Let the function do what `make` returns for it. Refuses with TypeError a function that closes over others."""
        function = self.function
        kept = function.__code__, function.__defaults__, function.__kwdefaults__
        if kept[0].co_freevars:
            raise TypeError(f"{self.name} closes over names: what it decides cannot be exchanged in place")
        original = FunctionType(kept[0], function.__globals__, function.__name__, kept[1])
        original.__kwdefaults__ = kept[2]
        function.__code__, function.__defaults__ = _trampoline.__code__, None
        function.__kwdefaults__ = {"_instead": make(original)}
        try:
            yield
        finally:
            function.__code__, function.__defaults__, function.__kwdefaults__ = kept


@dataclass(frozen=True)
class MethodPlace:
    """A method of a queryset, of one model only though others inherit it; or a class method of a model."""

    owner: type
    method: str
    model: type[Any]

    @property
    def name(self) -> str:
        """Return the model and the method."""
        return f"{self.model._meta.label}.{self.method}"

    @contextmanager
    def put(self, make: Make) -> Iterator[None]:
        """Let the method do what `make` returns for it, for this model."""
        kept = self.owner.__dict__[self.method]
        if isinstance(kept, classmethod):
            changed: Any = classmethod(make(kept.__func__))
        else:
            instead, model = make(kept), self.model

            def changed(rows: Any, *args: Any, **named: Any) -> Any:
                return (instead if rows.model is model else kept)(rows, *args, **named)

        setattr(self.owner, self.method, changed)
        try:
            yield
        finally:
            setattr(self.owner, self.method, kept)


Place = FunctionPlace | MethodPlace


@contextmanager
def noting(places: list[Place], note: Callable[[str], None]) -> Iterator[None]:
    """Tell `note` the name of each of these places whenever it is asked."""

    def watched(name: str) -> Make:
        def make(original: Callable[..., Any]) -> Callable[..., Any]:
            def asked(*args: Any, **named: Any) -> Any:
                note(name)
                return original(*args, **named)

            return asked

        return make

    with ExitStack() as stack:
        for place in places:
            stack.enter_context(place.put(watched(place.name)))
        yield


def everyone() -> frozenset[int]:
    """Return the ids of every agency."""
    from agencies.models import Agency

    return frozenset(Agency.objects.values_list("pk", flat=True))


# What allows all, by the declared type of a predicate's answer; asked once the database is there.
ALLOWS: dict[str, Callable[[], Make]] = {
    "bool": lambda: always(True),
    "frozenset[int]": lambda: always(everyone()),
    "int | None": lambda: always_of(lambda _user, case, *_: case.lead_agency_id),
    "Q": lambda: always(~Q(pk__in=[])),
    "Iterator[None]": lambda: always_of(_narrowing_nothing),
    "dict[str, frozenset[int]]": lambda: always(_every_capability()),
    "list[ShiftNote]": lambda: always_of(lambda _user, notes, *_: list(notes)),
    "dict[uuid.UUID, frozenset[int]]": lambda: always_of(lambda ids, *_: dict.fromkeys(ids, everyone())),
    "list[tuple[int, str, str]]": lambda: always_of(
        lambda *_: [(agency_id, "own", "lead") for agency_id in everyone()]
    ),
}


def allowing(function: FunctionType) -> Callable[[], Make] | None:
    """Return how to make a predicate that allows, by the type that it declares to return; None if it returns nothing.

    What is returned is called once the database is there. Refuses with LookupError a type that is not known here.
    """
    declared = str(function.__annotations__["return"])
    if declared == "None":
        return None
    if rows := re.fullmatch(r"(QuerySet|list)\[(\w+)\]", declared):
        model, as_rows = function.__globals__[rows[2]], list if rows[1] == "list" else QuerySet.all
        return lambda: always_of(lambda *_: as_rows(model.objects.all()))
    if declared not in ALLOWS:
        where = f"{function.__module__}.{function.__name__}"
        raise LookupError(f"{where} returns {declared}: say in ALLOWS what allows all")
    return ALLOWS[declared]


def _narrowing_nothing(*_args: Any) -> Iterator[None]:
    yield


def _every_capability() -> dict[str, frozenset[int]]:
    from agencies.choices import Capability

    return dict.fromkeys(map(str, Capability), everyone())


def always(value: Any) -> Make:
    """Return what makes a function answer the same to everybody."""
    return lambda _original: lambda *_args, **_named: value


def always_of(answer: Callable[..., Any]) -> Make:
    """Return what makes a function answer with `answer` of its positional arguments."""
    return lambda _original: lambda *args, **_named: answer(*args)


def everything(original: Callable[..., QuerySet]) -> Callable[..., QuerySet]:
    """Return a method that keeps every row and what is computed beside it; a question of right is granted."""

    def all_rows(rows: QuerySet, *args: Any, **named: Any) -> QuerySet:
        whole = rows.all()
        computed = original(rows, *args, **named).query.annotations
        for name, annotation in computed.items():
            if name not in rows.query.annotations:
                granted = isinstance(annotation.output_field, BooleanField)
                whole = whole.annotate(**{name: Value(True) if granted else annotation})
        return whole

    return all_rows


def for_every_agency(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a page that asks for the cases of every agency, whoever looks."""

    def page(cls: Any, *args: Any, **named: Any) -> Any:
        from agencies import access

        ids = everyone()
        with FunctionPlace(access.agency_ids).put(always(ids)):  # type: ignore[arg-type]
            return original(cls, *args, **named)

    return page


def at_any_time(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a page that does not ask whether a share is over."""

    def without_end(execute: Any, sql: str, *rest: Any) -> Any:
        return execute(re.sub(r"\(\w+\.until IS NULL OR \w+\.until > statement_timestamp\(\)\)", "true", sql), *rest)

    def page(cls: Any, *args: Any, **named: Any) -> Any:
        with connection.execute_wrapper(without_end):
            return original(cls, *args, **named)

    return page
