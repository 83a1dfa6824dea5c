"""What the lines of our logs hold, and what they never do."""

import io
import logging
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client

from estimator.logs import WithoutKeys

KEY = "abcdefgh." + "S3" * 16


@pytest.mark.parametrize(
    ("message", "arguments", "expected"),
    [
        ("Error handling request %s", (f"/api/v1/estimates.csv?key={KEY}",), "?key=abcdefgh.***"),
        ("Api-Key %s and %d", (KEY, 7), "Api-Key abcdefgh.*** and 7"),
        ("no key in m7i.large at 1.0001", (), "no key in m7i.large at 1.0001"),
    ],
)
def test_a_key_in_a_line_of_the_log_is_struck_out(message: str, arguments: tuple[object, ...], expected: str) -> None:
    record = logging.LogRecord("any", logging.INFO, __file__, 1, message, arguments, None)

    assert WithoutKeys().filter(record)

    assert record.getMessage().endswith(expected)


def test_a_line_that_does_not_fit_its_arguments_is_left_to_its_handler() -> None:
    assert WithoutKeys().filter(logging.LogRecord("any", logging.INFO, __file__, 1, "%d", ("x",), None))


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the handler of our settings writes."""
    handler = next(one for one in logging.getLogger().handlers if one.name == "stderr")
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


@pytest.mark.django_db
def test_a_request_that_is_refused_is_one_line(client: Client, lines: io.StringIO) -> None:
    client.force_login(User.objects.create_user("nobody-yet", is_staff=True))

    assert client.get("/admin/estimator/price/", secure=True).status_code == 403

    assert lines.getvalue().count("\n") == 1
    assert "Forbidden (Permission denied): /admin/estimator/price/" in lines.getvalue()


def test_an_error_of_ours_keeps_its_traceback(lines: io.StringIO) -> None:
    try:
        raise LookupError("a mistake of ours")
    except LookupError:
        logging.getLogger("django.request").exception("Internal Server Error", extra={"status_code": 500})
        logging.getLogger("estimator").exception("while nobody asked")

    assert lines.getvalue().count("Traceback") == 2
