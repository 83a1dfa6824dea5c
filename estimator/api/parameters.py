"""Query parameters: one that an address does not have, or that is given twice, is refused by name."""

from collections.abc import Collection

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request


def refuse_strange_parameters(request: Request, *, known: Collection[str]) -> None:
    """Raise ValidationError for each parameter that would otherwise be ignored without a word."""
    wrong = {name: [_complaint(name, known)] for name in request.query_params if name not in known}
    twice = [name for name, values in request.query_params.lists() if name in known and len(values) > 1]
    wrong |= {name: ["This parameter is given more than once; give it once."] for name in twice}
    if wrong:
        raise ValidationError(wrong)


def _complaint(name: str, known: Collection[str]) -> str:
    if not known:
        return "This address has no query parameters; leave it out."
    return f"This address has no such parameter; it has {', '.join(sorted(known))}."
