"""A timer that wakes an event loop at an absolute time of CLOCK_MONOTONIC, to the microsecond, without spinning."""

import ctypes
import os
import sys
import time

_PR_SET_TIMERSLACK = 29
_TFD_NONBLOCK_CLOEXEC = os.O_NONBLOCK | os.O_CLOEXEC
_TFD_TIMER_ABSTIME = 1
_NS_PER_S = 1_000_000_000


def tighten_timer_slack() -> None:
    """Let the kernel wake this thread at the time asked for, not up to 50 us later with others (prctl(2))."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_TIMERSLACK, 1, 0, 0, 0)


if sys.version_info >= (3, 13):

    class Timer:
        """A timerfd: `fd` is readable from the moment set until it is set again."""

        def __init__(self) -> None:
            self.fd = os.timerfd_create(time.CLOCK_MONOTONIC, flags=_TFD_NONBLOCK_CLOEXEC)

        def wake_at(self, at_ns: int) -> None:
            """Become readable at `at_ns`, at once if that is past; never for 0. Setting also clears readability."""
            os.timerfd_settime_ns(self.fd, flags=os.TFD_TIMER_ABSTIME, initial=at_ns)

        def close(self) -> None:
            """Give the descriptor back."""
            os.close(self.fd)

else:

    class _TimerSpec(ctypes.Structure):
        """struct itimerspec of timerfd_settime(2); the interval stays zero: one wake-up."""

        _fields_ = [(name, ctypes.c_long) for name in ("interval_s", "interval_ns", "value_s", "value_ns")]

    class Timer:
        """A timerfd: `fd` is readable from the moment set until it is set again."""

        def __init__(self) -> None:
            library = ctypes.CDLL(None, use_errno=True)
            self.fd: int = library.timerfd_create(time.CLOCK_MONOTONIC, _TFD_NONBLOCK_CLOEXEC)
            if self.fd < 0:
                raise OSError(ctypes.get_errno(), "timerfd_create failed")
            self._settime = library.timerfd_settime
            self._settime.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
            self._spec = _TimerSpec()
            self._address = ctypes.addressof(self._spec)  # made once: this is called for each request

        def wake_at(self, at_ns: int) -> None:
            """Become readable at `at_ns`, at once if that is past; never for 0. Setting also clears readability."""
            self._spec.value_s, self._spec.value_ns = divmod(at_ns, _NS_PER_S)
            self._settime(self.fd, _TFD_TIMER_ABSTIME, self._address, None)

        def close(self) -> None:
            """Give the descriptor back."""
            os.close(self.fd)
