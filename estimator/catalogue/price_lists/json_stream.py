"""Reads a JSON document of any length member by member, so that memory holds one value at a time."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import IO, Any, NoReturn

from estimator.catalogue.price_lists.download import PriceListError

_CHUNK = 1 << 16  # characters
_LARGEST_VALUE = 1 << 24  # characters; an offer has a few thousand


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number)


class JsonStream:
    """A cursor in a document. After each name of `members`, take the value with `value` or another `members`."""

    def __init__(self, text: IO[str], *, place: str) -> None:
        self._text, self._place = text, place
        self._buffer, self._at, self._ended = "", 0, False

    def members(self) -> Iterator[str]:
        """The names in the object here. Raises PriceListError where there is none."""
        self._expect("{")
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            name = self.value()
            if not isinstance(name, str):
                self._refuse("has a member without a name")
            self._expect(":")
            yield name
            if self._expect(",}") == "}":
                return

    def value(self) -> Any:
        """The whole value here, numbers with a fraction as Decimal. Raises PriceListError where it is none."""
        self._peek()
        while True:
            try:
                found, end = _DECODER.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError) as error:
                if self._ended or isinstance(error, RecursionError):
                    self._refuse("is not well-formed JSON, or was cut off")
            else:
                if end < len(self._buffer) or self._ended:  # else a number might go on
                    self._at = end
                    return found
            self._more()

    def end(self) -> None:
        """Raises PriceListError where anything follows."""
        if self._peek(at_end=True):
            self._refuse("goes on after its end")

    def _expect(self, allowed: str) -> str:
        found = self._peek()
        if found not in allowed:
            self._refuse(f"has {found!r} where one of {' '.join(allowed)} belongs")
        self._at += 1
        return found

    def _peek(self, *, at_end: bool = False) -> str:
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if self._ended:
                return "" if at_end else self._refuse("was cut off")
            self._more()

    def _more(self) -> None:
        self._buffer, self._at = self._buffer[self._at :], 0
        if len(self._buffer) > _LARGEST_VALUE:
            self._refuse(f"has a value of over {_LARGEST_VALUE >> 20} Mi characters")
        try:
            read = self._text.read(max(_CHUNK, len(self._buffer)))  # doubling: a long value is tried few times
        except UnicodeDecodeError:
            self._refuse("is not UTF-8")
        self._ended = not read
        self._buffer += read

    def _refuse(self, what: str) -> NoReturn:
        raise PriceListError(f"{self._place} {what}; download it again.")
