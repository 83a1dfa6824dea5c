"""Why a request was refused: one family, raised low, handled at the doors."""


class Refused(Exception):
    """A request that changes nothing. The message holds the fact and the remedy; `field` names what to mend."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class StaleClaim(Exception):
    """The attempt that writes is no longer the one that may: it was cancelled, or its lease was given away."""
