"""Bodies of requests: JSON that cannot hurt, and bytes that are read elsewhere."""

from __future__ import annotations

from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser


class ObjectParser(JSONParser):
    """JSON; what is nested too deep for Python is a bad body, not a fault of ours."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the parsed body. Refuses broken and too deeply nested JSON with ParseError."""
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError from error


class CapParser(BaseParser):
    """A CAP message, as bytes: whoever takes it in checks it before anything is understood."""

    media_type = "application/cap+xml"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> bytes:
        """Return the body as it came."""
        return stream.read()
