"""What goes wrong in the runtime, for the doors to print."""

from pathlib import Path


class ServiceError(Exception):
    """A service could not be started, reached or kept. The message holds the fact and the remedy."""


def not_ours(path: Path) -> ServiceError:
    """The error for a file that another user of the machine made."""
    return ServiceError(f"{path} belongs to another user: run this as that user, or set VAR_DIR to your own folder.")
