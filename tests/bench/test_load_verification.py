from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.errors import EngineError
from tests.bench.loads import RING, VERIFIED, closed_loop, loaded, open_loop
from tests.bench.programs import JSON


def test_verification_compares_every_body(tmp_path: Path) -> None:
    with loaded(tmp_path, f"wrong_body:{1 + RING - 5}") as (_, engine):
        verification = engine.verify()

    assert (verification.checked, verification.failures) == (RING, 5)
    assert verification.first_failure == 'GET /json: another body than expected: {"message": "Hello, Wrong!"}'


def test_verification_compares_each_item_with_its_own_answer(tmp_path: Path) -> None:
    other = replace(JSON, expected_json={"message": "Hello, somebody else!"})
    with loaded(tmp_path, ring=(JSON, other, JSON)) as (_, engine):
        verification = engine.verify()

    assert (verification.checked, verification.failures) == (3, 1)


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("error", "GET /json: status 500 instead of 200: {}"),
        ("longer_body", 'GET /json: another body than expected: {"message": "Hello, World!!!"}'),
        ("drop_each", "GET /json: closed before the whole answer came"),
        ("not_http", "GET /json: not an HTTP answer: "),
        ("hang", "GET /json: no answer within 1.5 s"),
    ],
)
def test_verification_tells_what_is_wrong(tmp_path: Path, mode: str, reason: str) -> None:
    with loaded(tmp_path, f"{mode}:1") as (_, engine):
        verification = engine.verify()

    assert (verification.checked, verification.failures) == (RING, RING)
    assert verification.first_failure.startswith(reason)


def test_verification_after_overload_is_not_blamed_for_answers_that_a_step_still_waited_for(tmp_path: Path) -> None:
    with loaded(tmp_path, f"forget_once:{VERIFIED + 10}") as (_, engine):
        engine.verify()

        step = engine.run_step(open_loop(100))
        result = engine.verify(connections=2)  # fewer than are open: none need be opened for it

    assert step.errors == 1
    assert (result.checked, result.failures, result.first_failure) == (RING, 0, "")


def test_load_is_refused_until_the_ring_is_verified(tmp_path: Path) -> None:
    with loaded(tmp_path) as (_, engine), pytest.raises(EngineError, match="verify it before any load"):
        engine.run_step(closed_loop())
