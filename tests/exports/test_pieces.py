"""What goes over the network goes in pieces that are worth it."""

from collections.abc import Iterator

import pytest

from estimator.exports.pieces import in_pieces


@pytest.mark.parametrize("lines", [["a", "bc", "ü", "def"], [b"a", b"", b"bc", b"\xc3\xbc", b"def"]])
def test_lines_are_gathered_and_none_is_lost(lines: list[str] | list[bytes]) -> None:
    assert list(in_pieces(lines, size=3)) == [b"abc", "üdef".encode()]
    assert list(in_pieces(lines)) == ["abcüdef".encode()]
    assert list(in_pieces([])) == []


def test_a_piece_is_sent_before_the_next_line_is_asked_for() -> None:
    asked = 0

    def lines() -> Iterator[str]:
        nonlocal asked
        while asked < 100:
            asked += 1
            yield "line\n"

    assert next(in_pieces(lines(), size=20)) == b"line\n" * 4
    assert asked == 4
