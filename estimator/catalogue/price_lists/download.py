"""Opens a provider's price list, from a file or its public address, and trusts neither."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPMessage
from ipaddress import ip_address
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import SplitResult, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from estimator.catalogue.reader import CatalogueError

MIB = 1 << 20
_DEFAULT_PORTS = {"https": 443, "http": 80}
_USER_AGENT = "traffic-cost-estimator"


class PriceListError(CatalogueError):
    """A price list cannot be used; the message names the place and the remedy."""


def _silent(_: int) -> None:
    pass


@dataclass(kw_only=True)
class Allowance:
    """What one import may read in all: `read_bytes` counts towards `maximum_bytes` over all pages and files."""

    maximum_bytes: int
    timeout_s: float
    progress: Callable[[int], None] = field(default=_silent)  # told the bytes read so far
    read_bytes: int = 0

    def take(self, count: int, *, place: str) -> None:
        """Count what was read. Raises PriceListError above the limit."""
        self.read_bytes += count
        if self.read_bytes > self.maximum_bytes:
            limit = self.maximum_bytes // MIB
            raise PriceListError(f"{place} is longer than {limit} MiB; raise PRICE_LIST_MAXIMUM_MIB if that is right.")
        self.progress(self.read_bytes)


@contextmanager
def open_file(path: Path, *, allowance: Allowance) -> Iterator[io.BufferedReader]:
    """The bytes of a saved list. Raises PriceListError where it cannot be read."""
    try:
        with path.open("rb") as raw:
            yield io.BufferedReader(_Counted(raw, allowance=allowance, place=path.name, length=None), MIB)
    except OSError as error:
        raise PriceListError(f"{path} cannot be read: {error.strerror}; correct the path.") from error


@contextmanager
def open_url(url: str, *, allowance: Allowance) -> Iterator[io.BufferedReader]:
    """The bytes behind an address: HTTPS (or loopback), no proxy, redirects on the same host only."""
    refuse_unsafe(url)
    opener = build_opener(ProxyHandler({}), _SameHostRedirects())
    request = Request(url, headers={"User-Agent": _USER_AGENT, "Accept-Encoding": "identity"})  # noqa: S310 - checked
    try:
        with opener.open(request, timeout=allowance.timeout_s) as answer:
            length = answer.headers.get("Content-Length", "")
            size = int(length) if length.isdecimal() else None
            yield io.BufferedReader(_Counted(answer, allowance=allowance, place=url, length=size), MIB)
    except HTTPError as error:
        with error:
            raise PriceListError(
                f"{url} answered {error.code} {error.reason}; check the region or try later."
            ) from error
    except (HTTPException, OSError) as error:  # no name, no route, TLS refused, silence, a cut
        reason = getattr(error, "reason", error)
        raise PriceListError(f"{url} was not read ({reason}); try again, or save the list and use --file.") from error


def refuse_unsafe(url: str) -> SplitResult:
    """Raises PriceListError for what is no HTTPS address; plain HTTP only on this machine itself."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise PriceListError(f"{url!r} is no address: {error}.") from error
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise PriceListError(f"{url!r} is not read: prices are read over https only; correct the address.")
    if not host or "@" in parts.netloc:
        raise PriceListError(f"{url!r} names no host, or a user; write it like https://host/path.")
    return parts


def same_host(one: str, other: str) -> bool:
    """Whether both addresses have the same scheme, host and port."""
    return _origin(one) == _origin(other)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = refuse_unsafe(url)
    return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _SameHostRedirects(HTTPRedirectHandler):
    """A list that moved to another host is another list."""

    def redirect_request(  # noqa: PLR0917 - the library's signature
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """Follow within the host. Raises PriceListError for another."""
        if not same_host(req.full_url, newurl):
            raise PriceListError(f"{req.full_url} leads to another host, {newurl}; give that address if you trust it.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Counted(io.RawIOBase):
    """Counts what is read, and notices an answer that ends early."""

    def __init__(self, source: Any, *, allowance: Allowance, place: str, length: int | None) -> None:
        self._source, self._allowance, self._place = source, allowance, place
        self._left = length

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer. Raises PriceListError at the limit or where the answer was cut off."""
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        self._allowance.take(len(data), place=self._place)
        if self._left is not None:
            self._left -= len(data)
            if not data and self._left > 0:
                raise PriceListError(f"{self._place} was cut off {self._left:,} bytes before its end; try again.")
        return len(data)
