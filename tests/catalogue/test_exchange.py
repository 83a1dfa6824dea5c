"""The shipped exchange rates: one day of the European Central Bank, as its own file says them."""

from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from estimator.catalogue.exchange import load_rates
from estimator.catalogue.loader import Counts
from estimator.catalogue.reader import CatalogueError
from estimator.catalogue.reference_rates import FILE, parse_rates, read_rates, reference_rates
from estimator.models import ExchangeRate
from estimator.models.exchange import known_rates

# Excerpt of eurofxref-daily.xml of 2026-10-01, the figures as the Central Bank published them.
RECORDED = """
<Cube>
    <Cube time='2026-10-01'>
        <Cube currency='USD' rate='1.1298'/>
        <Cube currency='JPY' rate='178.49'/>
        <Cube currency='GBP' rate='0.85373'/>
        <Cube currency='CHF' rate='0.9437'/>
        <Cube currency='IDR' rate='20274.71'/>
    </Cube>
</Cube>
"""


def test_the_shipped_rates_are_the_central_banks() -> None:
    shipped = {row["quote"]: row for row in read_rates()}
    recorded = parse_rates(reference_rates(RECORDED, source_version="recorded"), file_name="recorded")

    assert len(shipped) == 29
    for row in recorded:
        own = shipped[row["quote"]]
        assert (own["rate"], own["as_of"], own["source"]) == (row["rate"], row["as_of"], row["source"])
    assert {row["base"] for row in shipped.values()} == {"EUR"}


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("EUR,USD,0,", "line 2 column rate: '0' is not a rate above 0"),
        ("EUR,USD,much,", "is not a decimal number; write it like 1.1298"),
        ("EUR,DOLLAR,1.1,", "column quote: 'DOLLAR' is no currency of ISO 4217"),
    ],
)
def test_a_bad_row_is_refused_with_its_place(cell: str, told: str, tmp_path: Path) -> None:
    heading = "base,quote,rate,source,source_version,as_of,licence"
    (tmp_path / FILE).write_text(f"{heading}\n{cell}a bank,1,2026-10-01,free\n", encoding="utf-8")

    with pytest.raises(CatalogueError, match=told):
        read_rates(tmp_path)


@pytest.mark.django_db
def test_rates_load_twice_and_leave_alone_what_a_person_entered_or_deleted() -> None:
    rows = read_rates()
    assert load_rates(rows) == Counts(added=29)
    assert load_rates(rows) == Counts(unchanged=29)
    ExchangeRate.objects.filter(quote="USD").update(rate=Decimal("1.2"), source="our bank")
    ExchangeRate.objects.get(quote="GBP").delete()

    assert load_rates(rows) == Counts(unchanged=27, kept=2)

    assert ExchangeRate.objects.get(quote="USD").rate == Decimal("1.2")
    assert not ExchangeRate.objects.filter(quote="GBP").exists()


@pytest.mark.django_db
def test_a_later_day_is_imported_beside_the_older_one_and_counts(tmp_path: Path) -> None:
    load_rates(read_rates())
    file = tmp_path / "eurofxref-daily.xml"
    file.write_text(RECORDED.replace("2026-10-01", "2026-11-20").replace("1.1298", "1.1"), encoding="utf-8")
    output = StringIO()

    call_command("import_rates", file, stdout=output)

    assert "exchange rates as of 2026-11-20: 5 added" in output.getvalue()
    found = known_rates().between("EUR", "USD")
    assert (found.rate, found.as_of) == (Decimal("1.1"), date(2026, 11, 20))
    assert ExchangeRate.objects.filter(quote="USD").count() == 2


@pytest.mark.django_db
def test_a_file_without_rates_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("<html>Not found</html>", encoding="utf-8")

    with pytest.raises(CommandError, match="No rate was entered: The file holds no rates of one day"):
        call_command("import_rates", file)

    assert not ExchangeRate.objects.exists()
