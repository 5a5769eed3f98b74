"""Text messages: by the providers of the settings, one after the other where one fails, some at once."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Protocol, Self

import aiohttp
from django.conf import settings

from .breaker import Breaker
from .outcome import Outcome, never, try_again
from .refusing import REFUSED, ExerciseRefused

logger = logging.getLogger(__name__)
breaker = Breaker()
UNKNOWN = try_again("not sent", is_uncertain=True)  # a fault of ours: what is unknown is tried again


@dataclass(frozen=True)
class Text:
    """One text message: to which number (E.164), what, at which attempt, and for how many seconds it is worth sending.

    One of an exercise goes to nobody but the simulator. `key` is the number of its delivery, which its receipts name.
    """

    number: str
    body: str
    attempt: int = 1
    seconds: int = 3600
    is_exercise: bool = False
    key: str = ""


class ProviderFailed(Exception):
    """A provider cannot take messages now, or not from us; another one may. Holds the outcome if none can."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


class Provider(Protocol):
    """Who brings text messages to telephones."""

    @property
    def name(self) -> str:
        """Return the name that stands in its deliveries and in the addresses of its receipts."""

    async def send(self, session: aiohttp.ClientSession, text: Text) -> Outcome:
        """Send one text; return that it was accepted, is to be tried again, or will never be taken.

        Raises ProviderFailed where the fault is the provider's own, so that another one is worth trying.
        """


class Line:
    """Sends text messages from a thread of its own for as long as its `with` lasts; connections are kept."""

    def __init__(self, providers: Sequence[Provider], simulator: Provider) -> None:
        self._providers, self._simulator = providers, simulator
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="texts", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._session = asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._session.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def send_all(self, texts: Sequence[Text]) -> list[Outcome]:
        """Send these at once; return their outcomes in order. Each ends within `ALERTS_SMS_SECONDS` per provider."""
        return asyncio.run_coroutine_threadsafe(self._all(texts), self._loop).result()

    @staticmethod
    async def _open() -> aiohttp.ClientSession:
        timeout = aiohttp.ClientTimeout(total=settings.ALERTS_SMS_SECONDS)
        return aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)

    async def _all(self, texts: Sequence[Text]) -> list[Outcome]:
        return list(await asyncio.gather(*(self._one(text) for text in texts)))

    async def _one(self, text: Text) -> Outcome:
        try:
            return await self._by_providers(text, (self._simulator,) if text.is_exercise else self._providers)
        except ExerciseRefused:
            logger.exception("a text message of an exercise was kept from a real provider")
            return REFUSED
        except Exception:
            logger.exception("a text message failed by a fault of ours")
            return UNKNOWN

    async def _by_providers(self, text: Text, providers: Sequence[Provider]) -> Outcome:
        """Try one provider after the other. One that rests is passed over, but never the last hope of a message."""
        if not providers:
            return never("no provider of text messages is set up")
        awake = [provider for provider in providers if not breaker.rest(provider.name)]
        is_uncertain = False
        failure = UNKNOWN
        for provider in awake or providers:
            try:
                outcome = await provider.send(self._session, text)
            except ProviderFailed as fault:
                breaker.failed(provider.name)
                failure, is_uncertain = fault.outcome, is_uncertain or fault.outcome.is_uncertain
                continue
            breaker.answered(provider.name)
            return replace(outcome, is_uncertain=is_uncertain or outcome.is_uncertain)
        return replace(failure, is_uncertain=is_uncertain)
