"""What no line of the logs holds: keys, and tracebacks of requests that were merely refused."""

import logging
import re

_SECRET = re.compile(r"\b([A-Za-z0-9]{8})\.[A-Za-z0-9]{32}\b")


class WithoutKeys(logging.Filter):
    """Strikes out the secret part of whatever looks like a key; the prefix says which one it was."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record passes; one whose arguments do not fit its format is told as it is by its handler."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            return True
        if _SECRET.search(text):
            record.msg, record.args = _SECRET.sub(r"\1.***", text), None
        return True


class WithoutTraces(logging.Filter):
    """A request that was refused (403, 404) is one line: its traceback ends in the rule that refused it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record passes; errors of ours keep their traceback."""
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = None
        return True
