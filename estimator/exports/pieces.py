"""Lines gathered into pieces worth a write to the network each: one by one, they would cost more than what they say."""

from collections.abc import Iterable, Iterator

PIECE = 1 << 16  # bytes


def in_pieces(lines: Iterable[str] | Iterable[bytes], *, size: int = PIECE) -> Iterator[bytes]:
    """The same bytes, `size` or somewhat more at a time; text becomes UTF-8."""
    held = bytearray()
    for line in lines:
        held += line.encode() if isinstance(line, str) else line
        if len(held) >= size:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)
