"""What comes in and goes out: JSON of a bounded size; one representation at each address."""

from collections.abc import Iterable, Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from estimator.api.problems import BodyTooLarge

MAXIMUM_BODY_BYTES = 256 * 1024


class BoundedJsonParser(JSONParser):
    """JSON that can neither fill the memory nor exhaust the stack."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The body as JSON. Raises BodyTooLarge and ParseError."""
        context = parser_context or {}
        if int(context["request"].META.get("CONTENT_LENGTH") or 0) > MAXIMUM_BODY_BYTES:
            raise BodyTooLarge(f"A body holds at most {MAXIMUM_BODY_BYTES} bytes; send less.")
        try:
            return super().parse(stream, media_type, context)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply; send the fields that the schema describes.") from None


class OneRepresentation(BaseContentNegotiation):
    """The address decides what comes back, whatever Accept says: spreadsheets send the strangest."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        """The parser whose media type the body declares; None is answered with 415."""
        declared = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == declared), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The view's own."""
        own = next(iter(renderers))
        return own, str(own.media_type)
