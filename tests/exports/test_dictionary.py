"""The data dictionary: words for every column that a file has, on the page, over the API and in the documentation."""

import os
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from estimator.api.serializers.estimate_rows import EstimateRowSerializer
from estimator.exports import claim_words, claims, dictionary, focus, focus_words
from estimator.exports.estimate_rows import HEADER
from tests.api.conftest import signed_in

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "data-dictionary.md"
UPDATE = "UPDATE_DICTIONARY=1 .venv/bin/python -m pytest tests/exports/test_dictionary.py"
MARK = "<!-- made by tests/exports/test_dictionary.py -->\n"


def test_every_column_of_every_file_has_words_in_its_order() -> None:
    estimates, *of_focus, of_claims = dictionary.dictionary()

    assert tuple(estimates.columns) == (*HEADER, "recalculated")
    assert [tuple(one.columns) for one in of_focus] == [focus.focus_header(version) for version in focus.VERSIONS]
    assert tuple(of_claims.columns) == claims.HEADER
    for table in dictionary.dictionary():
        for name, word in table.columns.items():
            assert word.meaning and word.type, (table.slug, name)


def test_no_words_are_left_of_a_column_that_is_gone() -> None:
    written = {name for version in focus.VERSIONS for name in focus.focus_header(version)}

    assert set(focus_words.FOCUS_WORDS) == written
    assert set(claim_words.CLAIM_WORDS) == set(claims.HEADER)


def test_a_column_without_words_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionary, "CLAIMS_HEADER", (*claims.HEADER, "news"))

    with pytest.raises(KeyError, match="news"):
        dictionary.dictionary()


def test_every_type_is_one_that_the_schema_has_too() -> None:
    described = EstimateRowSerializer().get_fields()
    kinds = {"whole number": "IntegerField", "number": "FloatField", "exact decimal": "DecimalField"}

    for name, word in dictionary.dictionary()[0].columns.items():
        if name in described:
            assert type(described[name]).__name__ == kinds.get(word.type, "CharField"), name


def test_the_documentation_has_every_column() -> None:
    head, _, _ = DOCUMENT.read_text().partition(MARK)
    made = head + MARK + "".join(dictionary.dictionary_markdown(dictionary.dictionary()))
    if os.environ.get("UPDATE_DICTIONARY"):
        DOCUMENT.write_text(made)

    assert DOCUMENT.read_text() == made, f"a column changed; run: {UPDATE}"


@pytest.mark.django_db
def test_the_page_and_the_api_say_the_same(settings: object) -> None:
    settings.SECURE_SSL_REDIRECT = False  # type: ignore[attr-defined]
    viewer = signed_in("viewer")

    page = viewer.get(reverse("dictionary")).content.decode()
    tables = viewer.get(reverse("api:dictionary")).json()["tables"]

    assert [table["slug"] for table in tables] == [table.slug for table in dictionary.dictionary()]
    for table in tables:
        assert f'id="{table["slug"]}"' in page
        for column in table["columns"]:
            assert f"<code>{column['name']}</code>" in page
            assert set(column) == {"name", "meaning", "unit", "type"}


@pytest.mark.django_db
def test_the_page_is_for_people_who_signed_in(settings: object) -> None:
    settings.SECURE_SSL_REDIRECT = False  # type: ignore[attr-defined]

    assert Client().get(reverse("dictionary")).status_code == 302
