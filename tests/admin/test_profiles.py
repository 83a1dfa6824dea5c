"""Traffic profiles: a week is uploaded as CSV, and a bad file says what to mend."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from estimator.models import TrafficTarget
from estimator.models.profiles import TrafficProfile
from estimator.queries.projections import target_value
from tests.admin.cast import a_target, a_week, address, errors, signed_in, text

pytestmark = pytest.mark.django_db

WEEK = "hour,requests\n" + "".join(f"{hour},{hour + 1}\n" for hour in range(168))


def entered(week: str | bytes | None = WEEK, **values: Any) -> dict[str, Any]:
    """The form as a browser sends it."""
    form = {"name": "Shop", "source": "our access log", "as_of": "2026-11-01", "licence": "", "source_version": ""}
    if week is None:
        return form | values
    content = week if isinstance(week, bytes) else week.encode()
    return form | {"week": SimpleUploadedFile("week.csv", content, content_type="text/csv")} | values


def test_an_analyst_uploads_a_week() -> None:
    response = signed_in("analyst").post(address(TrafficProfile, "add"), entered())

    assert response.status_code == 302
    profile = TrafficProfile.objects.get()
    assert profile.hourly == [float(hour + 1) for hour in range(168)]
    assert profile.to_shape().source == "our access log"


@pytest.mark.parametrize(
    ("week", "told"),
    [
        (None, "This field is required"),
        ("1\n2\n3\n", "The file has 3 rows of figures; give 168".lower()),
        (WEEK.replace("\n9,10\n", "\n9,ten\n"), "row 11: 'ten' is no count of requests"),
        (WEEK.replace("9,10", "9,10\x00"), "row 11"),
        (b"\xff\xfe1\n", "The file is not UTF-8 text; save it as CSV"),
        ("1" * 100_001, "168 rows need at most 100,000"),
        ("0\n" * 168, "no hour has a request"),
    ],
)
def test_a_bad_file_is_refused_with_the_remedy_and_changes_nothing(week: str | bytes | None, told: str) -> None:
    response = signed_in("analyst").post(address(TrafficProfile, "add"), entered(week))

    assert response.status_code == 200
    said = " ".join(message for messages in errors(response).values() for message in messages)
    assert told.lower() in said.lower()
    assert not TrafficProfile.objects.exists()


def test_a_name_is_changed_without_the_file() -> None:
    profile = a_week()

    signed_in("analyst").post(address(profile, "change"), entered(None, name="Nights"))

    changed = TrafficProfile.objects.get()
    assert (changed.name, changed.hourly) == ("Nights", profile.hourly)


def test_list_and_page_tell_the_peak() -> None:
    profile, client = a_week(), signed_in("viewer")

    for view in (address(TrafficProfile, "changelist"), address(profile, "change")):
        page = text(client.get(view))
        assert "1.71" in page and "Monday 20:00 UTC" in page


def test_a_target_has_the_shape_and_keeps_it() -> None:
    profile = a_week()
    target = a_target(shape=profile, fleet_policy="autoscaled", boot_s=300, burst=1.2, allow_spot=True)

    value = target_value(TrafficTarget.objects.select_related("shape").get(pk=target.pk))

    assert value.shape == profile.to_shape()
    assert (value.policy, value.boot_s, value.burst, value.allow_spot) == ("autoscaled", 300, 1.2, True)
    page = text(signed_in("analyst").post(address(profile, "delete"), {"post": "yes"}))
    assert "would require deleting the following protected related objects" in page
    assert TrafficProfile.objects.exists()


def test_the_database_takes_whole_weeks_only() -> None:
    with pytest.raises(IntegrityError, match="profile_has_a_week"), transaction.atomic():
        a_week(hourly=[1.0] * 24)
