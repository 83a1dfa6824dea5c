"""Compact JSON, and refusals in it."""

from typing import Any

from django.http import JsonResponse

COMPACT = {"separators": (",", ":")}


def answer(body: Any, **options: Any) -> JsonResponse:
    """JSON without needless spaces; `options` are those of a response."""
    return JsonResponse(body, json_dumps_params=COMPACT, **options)


def refusal(detail: str, **options: Any) -> JsonResponse:
    """Say what is wrong; `options` hold the status."""
    return answer({"detail": detail}, **options)
