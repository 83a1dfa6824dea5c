import select
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.load.ring import RingItem
from benchmarks.load.schedule import arrivals_ns
from benchmarks.load.tally import Notes, bins, histogram
from benchmarks.load.timer import Timer
from estimator.domain.measuring.measurement import Histogram

rates = st.floats(0.5, 2000)
durations_s = st.floats(0.01, 10)


@given(rates, durations_s, st.sampled_from(["poisson", "constant"]), st.integers(0, 2**32))
def test_arrivals_ascend_inside_the_duration(rate: float, duration_s: float, spacing: str, seed: int) -> None:
    arrivals = arrivals_ns(rate=rate, duration_s=duration_s, spacing=spacing, seed=seed)

    assert arrivals == sorted(arrivals)
    assert all(0 <= at_ns <= duration_s * 1e9 + 0.5e9 / rate for at_ns in arrivals)


@given(rates, durations_s)
def test_constant_spacing_has_exactly_its_share_of_arrivals(rate: float, duration_s: float) -> None:
    arrivals = arrivals_ns(rate=rate, duration_s=duration_s, spacing="constant", seed=0)

    assert len(arrivals) == round(rate * duration_s)
    assert all(abs(gap - 1e9 / rate) <= 1.5 for gap in np.diff(arrivals))


@given(st.floats(100, 2000), st.floats(1, 5), st.integers(0, 2**32))
def test_poisson_count_stays_near_its_mean(rate: float, duration_s: float, seed: int) -> None:
    count = len(arrivals_ns(rate=rate, duration_s=duration_s, spacing="poisson", seed=seed))

    expected = rate * duration_s
    assert abs(count - expected) <= 7 * expected**0.5  # 7 standard deviations


def test_poisson_gaps_are_exponential() -> None:
    gaps_s = np.diff(arrivals_ns(rate=1000, duration_s=100, spacing="poisson", seed=3)) / 1e9

    # An exponential distribution has equal mean and standard deviation, and e^-1 of it lies above the mean.
    assert gaps_s.mean() == pytest.approx(0.001, rel=0.02)
    assert gaps_s.std() == pytest.approx(gaps_s.mean(), rel=0.02)
    assert (gaps_s > gaps_s.mean()).mean() == pytest.approx(np.exp(-1), rel=0.02)


@given(st.integers(0, 2**32))
def test_schedule_is_the_same_for_the_same_seed(seed: int) -> None:
    first, again = (arrivals_ns(rate=50, duration_s=1, spacing="poisson", seed=seed) for _ in range(2))

    assert first == again


@pytest.mark.parametrize(("rate", "duration_s"), [(0, 1), (-1, 1), (1, 0)])
def test_schedule_without_rate_or_time_is_refused(rate: float, duration_s: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        arrivals_ns(rate=rate, duration_s=duration_s, spacing="poisson", seed=0)


def test_timer_is_never_early() -> None:
    timer = Timer()
    for wait_ns in (0, 50_000, 1_000_000, 3_000_000):
        due_ns = time.monotonic_ns() + wait_ns
        timer.wake_at(due_ns)
        assert select.select([timer.fd], [], [], 5)[0]
        assert time.monotonic_ns() >= due_ns
    timer.close()


def test_timer_set_again_is_silent_until_then() -> None:
    timer = Timer()
    timer.wake_at(1)
    assert select.select([timer.fd], [], [], 5)[0]

    timer.wake_at(time.monotonic_ns() + 60_000_000_000)
    assert not select.select([timer.fd], [], [], 0)[0]
    timer.wake_at(1)
    timer.wake_at(0)
    assert not select.select([timer.fd], [], [], 0.01)[0]
    timer.close()


@given(st.lists(st.integers(-5, 2**45)))
def test_histogram_is_laid_out_like_the_domains(values_us: list[int]) -> None:
    counted = histogram(np.array([value * 1000 + 999 for value in values_us], dtype=np.int64))

    assert Histogram.from_json(counted) == Histogram.of(max(0, value) for value in values_us)


def test_answers_fall_into_bins_of_100_ms() -> None:
    done_ns = np.array([0, 99_999_999, 100_000_000, 250_000_000, 299_999_999, 999_999_999], dtype=np.int64)

    assert bins(done_ns, 0, 320_000_000) == [2, 1, 2]
    assert bins(done_ns, 0, 50_000_000) == []


def test_requests_belong_to_the_window_in_which_they_fell_due() -> None:
    notes = Notes()
    for due_ns in (5, 10, 19, 20):
        notes.right.add(due_ns, due_ns + 7_000)
    notes.bad(notes.error, 12, 13, "first")
    notes.bad(notes.lost, 14, 30, "second")
    notes.bad(notes.wrong, 4, 12, "third")

    counts = notes.counts(10, 20, by="due", unsent_due=[9, 15, 25])

    assert counts["scheduled"] == 5
    assert (counts["completed"], counts["errors"], counts["wrong"], counts["unsent"]) == (2, 2, 0, 1)
    assert counts["latency"] == {"7": 2}
    assert counts["first_error"] == "first"
    assert notes.answered(10, 20) == 2, "the error and the wrong answer arrived inside"


def item(**more: object) -> RingItem:
    asked = {"method": "GET", "path": "/", "headers": [], "body": ""}
    answer = {"expected_status": 200, "expected_json": {"a": 1}, "expected_text": None}
    return RingItem("127.0.0.1:80", {**asked, **answer, **more})


def test_request_is_complete_http() -> None:
    post = item(method="POST", path="/x?y=1", headers=[["Authorization", "Bearer t"]], body="é")

    assert post.request == (
        b"POST /x?y=1 HTTP/1.1\r\nHost: 127.0.0.1:80\r\nAuthorization: Bearer t\r\nContent-Length: 2\r\n\r\n\xc3\xa9"
    )
    assert item().request == b"GET / HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n"


def test_body_is_compared_as_json_not_as_text() -> None:
    assert item().fault(200, 9, b'{ "a": 1}') == ""
    assert item().fault(200, 7, b'{"a":2}') == 'another body than expected: {"a":2}'
    assert item().fault(200, 1, b"{") == "another body than expected: {"


def test_text_is_compared_but_for_its_whitespace_until_its_bytes_are_learned() -> None:
    page = item(expected_json=None, expected_text="<ul><li>a b</li></ul>")
    indented = b"<ul>\n  <li>a\n b</li>\n</ul>\n"

    assert page.fault(200, len(indented), indented) == ""
    assert page.fault(200, 3, b"<p>") == "another body than expected: <p>"
    page.learn(indented)
    assert page.fault(200, len(indented), indented) == ""
    assert page.fault(200, 1, None) == f"a body of 1 bytes instead of {len(indented)}"


def test_length_counts_once_it_was_learned() -> None:
    learned = item()
    learned.learn(b'{"a":1}')

    assert learned.fault(200, 7, None) == ""
    assert learned.fault(200, 8, None) == "a body of 8 bytes instead of 7"
    assert learned.fault(404, 7, None) == "status 404 instead of 200"


def test_body_without_an_expectation_is_not_compared() -> None:
    free = item(expected_json=None)
    free.learn(b"one")

    assert free.fault(200, 5, b"other") == ""
    assert free.fault(500, 3, b"one") == "status 500 instead of 200: one"


HEADS = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "known"),
    [
        (HEADS + b'{"a":1}', True),
        (HEADS.replace(b"OK", b"ok") + b'{"a":1}', True),
        (HEADS + b'{"a":2}', False),
        (HEADS.replace(b"200", b"500") + b'{"a":1}', False),
        (HEADS.replace(b"1.1", b"1.0") + b'{"a":1}', False),
        (HEADS + b'{"a":1}' * 2, False),
        (HEADS + b'{"a":', False),
    ],
)
def test_only_the_learned_answer_is_known_without_parsing(data: bytes, known: bool) -> None:
    learned = item()
    assert not learned.is_known(data)

    learned.learn(b'{"a":1}', size=len(HEADS) + 7)

    assert learned.is_known(data) is known


def test_answer_whose_size_says_nothing_is_always_parsed() -> None:
    learned = item()
    learned.learn(b'{"a":1}')

    assert not learned.is_known(HEADS + b'{"a":1}')
