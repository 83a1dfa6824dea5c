"""What is read from a query."""

from quart import abort, request


def whole_number(name: str) -> int:
    """A parameter of the request; one that is missing or no whole number is refused."""
    number = request.args.get(name, type=int)
    if number is None:
        abort(400, f"{name} must be a whole number")
    return number
