"""What every column of every export means, for people."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from estimator.exports.dictionary import dictionary as all_tables


@require_safe
def dictionary(request: HttpRequest) -> HttpResponse:
    """One page, a table for each kind of file."""
    return render(request, "dictionary.html", {"tables": all_tables()})
