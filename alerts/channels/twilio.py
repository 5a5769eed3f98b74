"""Twilio's interface for text messages: the request, what an answer means, and the signature of what it calls back.

Other providers offer the same interface; an account of theirs differs in the address of its API.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from urllib.parse import urlencode

import aiohttp

from .outcome import Outcome, accepted_by, never, try_again
from .refusing import refuse_exercise
from .sms import ProviderFailed, Text
from .webhook import LONGEST_WAIT_SECONDS

# Refusals that concern the number and not the account, so that no other account would bring the message there: not a
# number, no text messages there, opted out by STOP, no mobile telephone, a land line (Twilio's dictionary of errors).
REFUSED_NUMBERS = frozenset({21211, 21217, 21265, 21610, 21614, 21635})
TOO_LONG = 21617
LONGEST_WORTH = 14_400  # seconds that its queue keeps a message by default
UNSENT = (aiohttp.ClientConnectorError, aiohttp.InvalidURL)  # nothing has left us


@dataclass(frozen=True)
class Twilio:
    """One account. `sender` is a number of ours, or the id of a messaging service (MG…)."""

    name: str
    api: str
    account: str
    token: str = field(repr=False)
    sender: str
    receipts_url: str

    async def send(self, session: aiohttp.ClientSession, text: Text) -> Outcome:
        """Hand one message over. A line that breaks before the answer leaves it uncertain whether it was taken.

        Raises ExerciseRefused for a message of an exercise.
        """
        refuse_exercise(is_exercise=text.is_exercise, address=text.number)
        credentials = base64.b64encode(f"{self.account}:{self.token}".encode()).decode()
        try:
            async with session.post(
                f"{self.api}/2010-04-01/Accounts/{self.account}/Messages.json",
                data=self._form(text),
                headers={"Authorization": f"Basic {credentials}"},
                allow_redirects=False,
            ) as answer:
                return self._judge(answer.status, await answer.read(), answer.headers.get("Retry-After", ""))
        except UNSENT as fault:
            raise ProviderFailed(self._again(type(fault).__name__)) from fault
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            raise ProviderFailed(self._again(type(fault).__name__, is_uncertain=True)) from fault

    def _form(self, text: Text) -> dict[str, str]:
        sender = "MessagingServiceSid" if self.sender.startswith("MG") else "From"
        return {
            "To": text.number,
            sender: self.sender,
            "Body": text.body,
            # Where the answer is lost, a receipt still tells by this that the message was taken.
            "StatusCallback": self.receipts_url + (f"?{urlencode({'delivery': text.key})}" if text.key else ""),
            "ValidityPeriod": str(max(1, min(text.seconds, LONGEST_WORTH))),  # none arrives after its alert has ended
        }

    def _judge(self, status: int, body: bytes, retry_after: str) -> Outcome:
        """Return what an answer means; raises ProviderFailed for everything that is not about the number or the text.

        An answer of success without the number of the message is one: nobody could tell its receipts.
        """
        said = _read(body)
        code = said.get("code") or said.get("error_code")
        if 200 <= status < 300 and isinstance(said.get("sid"), str) and said["sid"]:
            return accepted_by(self.name, str(said["sid"]))
        if 400 <= status < 500 and (code in REFUSED_NUMBERS or code == TOO_LONG):
            return never(f"{self.name}: {code}")
        wait = min(int(retry_after), LONGEST_WAIT_SECONDS) if retry_after.isdecimal() else 0
        is_uncertain = 200 <= status < 300 or status >= 500
        raise ProviderFailed(self._again(f"HTTP {status} {code or ''}".strip(), wait, is_uncertain=is_uncertain))

    def _again(self, detail: str, wait: int = 0, *, is_uncertain: bool = False) -> Outcome:
        return try_again(f"{self.name}: {detail}", wait_seconds=wait, is_uncertain=is_uncertain)


def _read(body: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def signature_of(token: str, url: str, fields: Mapping[str, Sequence[str]]) -> str:
    """Return the signature of a call back: HMAC-SHA1 over its whole address and its fields in order, in base64.

    (Twilio, "Validating signatures from Twilio".) A field that comes several times counts each value once, in order.
    """
    said = url + "".join(name + value for name in sorted(fields) for value in sorted(set(fields[name])))
    return base64.b64encode(hmac.new(token.encode(), said.encode(), hashlib.sha1).digest()).decode()


def answer_with(text: str) -> str:
    """Return the answer to a call about a message that came in: send this back to its sender, or nothing."""
    said = f"<Message>{escape(text)}</Message>" if text else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{said}</Response>'


def is_signed(token: str, url: str, fields: Mapping[str, Sequence[str]], signature: str) -> bool:
    """Say whether a call back was signed with the account's token; takes as long for a wrong one as for a right one."""
    return hmac.compare_digest(signature_of(token, url, fields).encode(), signature.encode())
