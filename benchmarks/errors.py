"""What can go wrong while measuring; each message holds the fact and the remedy."""


class BenchmarkError(Exception):
    """The attempt cannot go on."""


class Stopped(BenchmarkError):
    """Someone asked for the end: a cancelled run, or a worker that shuts down."""


class AppError(BenchmarkError):
    """The app under test did not start, died, or answered wrongly: its stack fails with this reason."""


class EngineError(BenchmarkError):
    """The load generator did not start, died, or did not report in time."""
