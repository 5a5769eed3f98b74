"""Bodies of requests: JSON that cannot hurt, and bytes that are read elsewhere."""

from __future__ import annotations

import json
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser


class ObjectParser(JSONParser):
    """JSON; what Python, the database or an answer could not hold is a bad body, not a fault of ours."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the parsed body. Refuses JSON that is broken, nested too deep, or holds halves of characters."""
        try:
            data = super().parse(stream, media_type, parser_context)
            json.dumps(data, ensure_ascii=False).encode()  # a lone surrogate may stand in a name as well
        except (RecursionError, UnicodeEncodeError) as error:
            raise ParseError from error
        return data


class CapParser(BaseParser):
    """A CAP message, as bytes: whoever takes it in checks it before anything is understood."""

    media_type = "application/cap+xml"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> bytes:
        """Return the body as it came."""
        return stream.read()
