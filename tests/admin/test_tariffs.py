"""Prices of containers, functions and lines in the admin: entered with their sizes, refused with the remedy."""

from typing import Any

import pytest
from django.urls import reverse

from estimator.catalogue.tariff_loader import load_tariffs
from estimator.catalogue.tariff_reader import read_tariffs
from estimator.models import ContainerPrice, FunctionPrice, LinePrice
from tests.admin.cast import Browser, a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Browser:
    load_tariffs(read_tariffs())
    browser = Browser()
    browser.force_login(a_person("superuser"))
    return browser


def form_of(browser: Browser, url: str) -> dict[str, Any]:
    """What a browser would send back unchanged."""
    form = browser.get(url).context["adminform"].form
    return {name: "" if (value := form[name].value()) is None else value for name in form.fields}


@pytest.mark.parametrize("model", [ContainerPrice, FunctionPrice, LinePrice])
def test_each_list_shows_its_prices_without_trailing_zeros(browser: Browser, model: Any) -> None:
    page = browser.get(reverse(f"admin:estimator_{model._meta.model_name}_changelist")).text

    assert "us-east-1" in page
    assert "00000<" not in page


def test_a_changed_price_becomes_the_persons_own(browser: Browser) -> None:
    row = ContainerPrice.objects.get(name="Fargate x86")
    url = reverse("admin:estimator_containerprice_change", args=[row.pk])

    browser.post(url, form_of(browser, url) | {"vcpu_hour": "0.05"})

    row.refresh_from_db()
    assert (row.source, row.cross_check) == ("entered by superuser", "entered")
    assert load_tariffs(read_tariffs()).containers.kept == 1


@pytest.mark.parametrize(
    ("name", "field", "value", "told"),
    [
        ("containerprice", "sizes", "1 vCPU", "write vcpus:GiB-GiB/step"),
        ("containerprice", "vcpu_hour", "0", "Enter a price above 0"),
        ("functionprice", "sizes", "256:1 128:1", "in rising order"),
        ("functionprice", "granularity_ms", "0", "greater than or equal to 1"),
        ("lineprice", "servers", "two", "whole numbers parted by spaces"),
    ],
)
def test_a_bad_figure_is_refused_at_its_field(browser: Browser, name: str, field: str, value: str, told: str) -> None:
    models: dict[str, Any] = {"containerprice": ContainerPrice, "functionprice": FunctionPrice, "lineprice": LinePrice}
    row = models[name].objects.first()
    url = reverse(f"admin:estimator_{name}_change", args=[row.pk])

    answer = browser.post(url, form_of(browser, url) | {field: value})

    assert told in " ".join(answer.context["adminform"].form.errors[field])


def test_a_database_without_servers_is_refused(browser: Browser) -> None:
    row = LinePrice.objects.get(line="database")
    url = reverse("admin:estimator_lineprice_change", args=[row.pk])

    answer = browser.post(url, form_of(browser, url) | {"servers": ""})

    assert "needs the vCPUs" in answer.context["adminform"].form.errors["servers"][0]
