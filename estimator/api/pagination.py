"""Pages by cursor: newest first, stable while rows are added, with absolute links."""

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request


class NewestFirst(CursorPagination):
    """`page_size` rows a page; follow `next` until it is null."""

    ordering = "-id"
    page_size = 100
    max_page_size = 1000
    page_size_query_param = "page_size"
    page_size_query_description = "Rows on a page, from 1 to 1000."
    cursor_query_description = "Where the page starts; taken from `next` or `previous`."
    parameters = ("cursor", "page_size")

    def get_page_size(self, request: Request) -> int:
        """Raises ValidationError instead of falling back to the default without a word."""
        text = request.query_params.get("page_size", str(self.page_size))
        size = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
        if not 1 <= size <= self.max_page_size:
            raise ValidationError({"page_size": [f"Give a whole number from 1 to {self.max_page_size}."]})
        return size

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Raises ValidationError for what no page of ours has linked to."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound:
            raise ValidationError({"cursor": [_STRANGE]}) from None
        if cursor is not None and cursor.position is not None and not _is_id(str(cursor.position)):
            raise ValidationError({"cursor": [_STRANGE]})
        return cursor


_STRANGE = "This cursor is not one of ours; start without it and follow `next`."


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


class FewerNewestFirst(NewestFirst):
    """For rows that are calculated when they are read."""

    page_size = 20
    max_page_size = 100
    page_size_query_description = "Rows on a page, from 1 to 100."
