"""A claims file is read as a whole or refused with line, column and remedy."""

import pytest

from estimator.catalogue.reader import DATA
from estimator.models import ClaimSet
from estimator.services.claims import import_claims, read_claims
from estimator.services.errors import Refused

pytestmark = pytest.mark.django_db

HEADING, FIRST, SECOND, *_ = (DATA / "claims.csv").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("req/s", "rpm", "line 2, unit: The check throughput compares in req/s"),
        ("8520,8520", "8520,", "line 2, high: Enter the upper end"),
        ("8520,8520", "9000,8520", "line 2: low and high"),
        ("8520,8520", "fast,fast", "line 2, low: "),
        (",throughput,", ",guess,", "line 2, check_by: "),
        ("rps_json_fastapi", "rps json", "line 2, claim_id: "),
        (",fastapi,", ",,", "line 2, stack: The check throughput needs it"),
        (HEADING, HEADING.replace("metric", "what"), "line 1: the column 'what'"),
        (FIRST, f"{FIRST}\n{FIRST}", "'rps_json_fastapi' is there twice"),
        (FIRST, "rps,speed", "line 2 has not one cell per column"),
    ],
)
def test_a_file_with_a_wrong_row_is_refused_by_line_and_column(old: str, new: str, told: str) -> None:
    with pytest.raises(Refused) as refused:
        read_claims(f"{HEADING}\n{FIRST}\n".replace(old, new, 1).splitlines())

    assert told in str(refused.value)


def test_a_wrong_file_leaves_the_claims_that_were_there() -> None:
    claim_set = ClaimSet.objects.create(name="A blog", source="a blog")
    assert import_claims(claim_set, [HEADING, FIRST]) == 1

    with pytest.raises(Refused):
        import_claims(claim_set, [HEADING, SECOND, SECOND])

    assert [claim.claim_id for claim in claim_set.claims.all()] == ["rps_json_fastapi"]
