"""Import of files in the admin: the differences first, then all rows or none."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from estimator.catalogue.loader import load_catalogue
from estimator.catalogue.sheet_import import PROFILES
from estimator.catalogue.sheets import LARGEST_FILE
from estimator.models import HardwareProfile, Price
from estimator.models.hardware import CrossCheck
from tests.admin.cast import a_price, a_profile, address, browser, signed_in, text
from tests.admin.test_pages import INLINE
from tests.catalogue.test_loader import PRICE, catalogue
from tests.catalogue.test_sheets import PRICE_HEADING, PRICE_ROW, PROFILE_ROW, csv_file, xlsx_file

pytestmark = pytest.mark.django_db

CSV, XLSX = "0", "1"


@pytest.fixture
def client() -> Client:
    return signed_in("admin")


def uploaded(client: Client, content: bytes, *, name: str = "prices.csv", kind: str = CSV, model: Any = Price) -> Any:
    """The page after an upload."""
    file = SimpleUploadedFile(name, content)
    return client.post(address(model, "import"), {"import_file": file, "format": kind, "resource": "0"})


def confirmed(client: Client, preview: Any, *, model: Any = Price, **changes: str) -> Any:
    """The page after the preview's button was pressed."""
    form = preview.context["confirm_form"]
    values = {field.name: field.value() for field in form}
    return client.post(address(model, "process_import"), values | changes, follow=True)


def test_a_file_is_previewed_confirmed_and_written_with_its_trace(client: Client) -> None:
    profile = a_profile()
    a_price(profile, "0.09")

    preview = uploaded(client, csv_file(PRICE_ROW, PRICE_ROW.replace("us-east-1", "eu-west-1")))

    page = text(preview)
    assert "Differences: 1 new, 1 changed" in page and "hourly 0.09 → 0.1008 (+12.0 %)" in page
    assert "2 rows would be written" in page and "Nothing is written yet" in page
    assert Price.objects.get().hourly == Decimal("0.09")

    told = text(confirmed(client, preview))

    assert "Imported: 1 new, 1 changed." in told
    assert {price.region: price.hourly for price in Price.objects.all()} == {
        "us-east-1": Decimal("0.1008"),
        "eu-west-1": Decimal("0.1008"),
    }
    assert set(Price.objects.values_list("cross_check", flat=True)) == {CrossCheck.ENTERED}
    past = Price.history.first()
    assert past.history_user.username == "admin-person"
    assert past.history_change_reason.startswith("import: prices.csv (sha256 ")
    assert LogEntry.objects.get().change_message == "prices.csv: 1 new, 1 changed"


def test_a_workbook_is_imported_as_well(client: Client) -> None:
    a_profile()
    row = ["aws", "m7i.large", "us-east-1", "on_demand", 0.1008, "USD", date(2026, 9, 1), "a list"]

    confirmed(client, uploaded(client, xlsx_file(PRICE_HEADING.split(","), row), name="prices.xlsx", kind=XLSX))

    assert Price.objects.get().hourly == Decimal("0.1008")


def test_the_same_file_again_offers_nothing_to_confirm(client: Client) -> None:
    a_profile()
    content = csv_file(PRICE_ROW)
    confirmed(client, uploaded(client, content))

    preview = uploaded(client, content)

    assert "there is nothing to write" in text(preview) and "Import all of it" not in text(preview)
    confirmed(client, preview)
    assert Price.history.count() == 1


def test_one_bad_row_refuses_the_file_and_says_what_to_mend(client: Client) -> None:
    a_profile()

    page = uploaded(client, csv_file(PRICE_ROW, PRICE_ROW.replace("0.1008", "0").replace("us-east-1", "eu-west-1")))

    assert "confirm_form" not in page.context
    assert "1 refused, so nothing can be imported" in text(page)
    assert "is not a price above 0" in text(page)
    assert not Price.objects.exists()


def test_what_changed_between_preview_and_confirmation_is_not_overwritten(client: Client) -> None:
    profile = a_profile()
    preview = uploaded(client, csv_file(PRICE_ROW))
    a_price(profile, "0.2")

    assert "changed after the preview" in text(confirmed(client, preview))
    assert Price.objects.get().hourly == Decimal("0.2")


def test_a_confirmation_whose_file_is_gone_or_was_made_up_is_told(client: Client) -> None:
    a_profile()
    preview = uploaded(client, csv_file(PRICE_ROW))

    assert "upload the file again" in text(confirmed(client, preview, import_file_name="../../etc/passwd"))
    assert "upload the file again" in text(confirmed(client, preview, format="99"))
    assert "upload the file again" in text(confirmed(client, preview, fingerprint=""))
    assert not Price.objects.exists()


def test_profiles_are_imported_on_their_own_page(client: Client) -> None:
    preview = uploaded(client, csv_file(PROFILE_ROW, heading=PROFILES.heading), model=HardwareProfile)

    assert "Imported: 1 new." in text(confirmed(client, preview, model=HardwareProfile))
    profile = HardwareProfile.objects.get()
    assert (profile.name, profile.vcpus, profile.single_thread_score) == ("m7i.large", 2, None)
    assert profile.history.get().history_user.username == "admin-person"


def test_an_imported_price_survives_the_next_catalogue(client: Client) -> None:
    load_catalogue(catalogue())
    confirmed(client, uploaded(client, csv_file(PRICE_ROW.replace("0.1008", "0.07").replace("2026-09", "2026-10"))))

    load_catalogue(catalogue(replace(PRICE, as_of=date(2026, 11, 1))))

    newest = Price.objects.latest("as_of")
    assert (newest.hourly, newest.source) == (Decimal("0.07"), "a list")


@pytest.mark.parametrize(
    ("content", "kind", "told"),
    [
        (b"\xff\xfe", CSV, "is not UTF-8"),
        (b"no workbook", XLSX, "no workbook that can be read"),
        (b"", CSV, "empty"),
        (b"x" * (LARGEST_FILE + 1), CSV, "at most 5 MiB are read"),
        (csv_file(PRICE_ROW), "", "required"),
        (csv_file(PRICE_ROW), "7", "Select a valid choice"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_at_its_field(client: Client, content: bytes, kind: str, told: str) -> None:
    page = uploaded(client, content, kind=kind)

    assert page.status_code == 200 and told in text(page)


@pytest.mark.parametrize("role", ["viewer", "analyst", "operator", "stranger"])
@pytest.mark.parametrize("model", [Price, HardwareProfile])
def test_who_may_not_enter_rows_may_not_import_them(role: str, model: Any) -> None:
    person = signed_in(role)

    assert person.get(address(model, "import")).status_code == 403
    assert uploaded(person, csv_file(PRICE_ROW), model=model).status_code == 403
    assert person.post(address(model, "process_import"), {}).status_code == 403
    assert "import_link" not in text(person.get(address(model, "changelist")))


def test_who_may_import_finds_the_way_from_the_list(client: Client) -> None:
    for model in (Price, HardwareProfile):
        assert address(model, "import") in text(client.get(address(model, "changelist")))
        page = text(client.get(address(model, "import")))
        assert "What the file holds" in page and "provider,name" in page


def test_a_person_without_a_session_is_sent_to_sign_in() -> None:
    assert browser().get(address(Price, "import")).status_code == 302


def test_what_a_file_says_is_shown_as_text_and_no_page_has_inline_style_or_script(client: Client) -> None:
    a_profile()
    hostile = PRICE_ROW.replace("a list", "<script>alert(1)</script>")

    pages = [
        client.get(address(Price, "import")),
        uploaded(client, csv_file(hostile), name='"><img src=x onerror=alert(1)>.csv'),
        uploaded(client, csv_file(hostile.replace("0.1008", "<b>"))),
        client.get(address(Price, "changelist")),
        client.post(address(Price, "process_import"), {}),
    ]

    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in text(page) and "<img src=x" not in text(page) and "<b>" not in text(page)
        assert not INLINE.search(text(page)), INLINE.search(text(page))
    confirmed(client, pages[1])
    assert Price.objects.get().source == "<script>alert(1)</script>"
