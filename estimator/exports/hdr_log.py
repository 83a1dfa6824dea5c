"""HdrHistogram's interval log, format 1.3: what HistogramLogProcessor and its like read.

Our buckets are HdrHistogram's own for values from 1 microsecond with 3 significant digits, so counts go over as they
are: nothing is rounded a second time.
"""

import base64
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from estimator.domain.measuring.measurement import Histogram, bucket_upper_us

_V2, _V2_COMPRESSED = 0x1C849303 | 0x10, 0x1C849304 | 0x10  # the low 0x10: counts in LEB128, as all V2 encoders have it
_DIGITS, _LOWEST_US = 3, 1
_HIGHEST_US = 3_600_000_000  # an hour, as tools expect of a log of microseconds
_COLUMNS = '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"'


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One interval. `tag` may hold neither commas nor blanks; times in seconds, from the start of the log."""

    tag: str
    start_s: float
    duration_s: float
    latency: Histogram


def log_lines(lines: Iterable[LogLine], *, started_at: datetime, comments: Iterable[str] = ()) -> Iterator[str]:
    """The file, line by line: header, then one line for each interval."""
    for comment in comments:
        yield f"#{comment}\n"
    yield "#[Histogram log format version 1.3]\n"
    yield f"#[BaseTime: {started_at.timestamp():.3f} (seconds since epoch)]\n"
    yield f"#[StartTime: {started_at.timestamp():.3f} (seconds since epoch), {started_at:%a %b %d %H:%M:%S UTC %Y}]\n"
    yield f"{_COLUMNS}\n"
    for line in lines:
        times = f"{line.start_s:.3f},{line.duration_s:.3f},{highest_us(line.latency) / 1000:.3f}"
        yield f"Tag={line.tag},{times},{encoded(line.latency)}\n"


def highest_us(latency: Histogram) -> int:
    """The top of the highest bucket that was hit; 0 when none was."""
    return int(bucket_upper_us(np.array([max(latency.counts)], dtype=np.int64))[0]) if latency.counts else 0


def encoded(latency: Histogram) -> str:
    """The V2 compressed encoding in base64."""
    packed = zlib.compress(_payload(latency))
    return base64.b64encode(struct.pack(">ii", _V2_COMPRESSED, len(packed)) + packed).decode()


def _payload(latency: Histogram) -> bytes:
    """Cookie, length, normalising offset, digits, lowest and highest value, ratio, and the counts."""
    counts = b"".join(_counts(latency))
    highest = max(_HIGHEST_US, highest_us(latency))
    return struct.pack(">iiiiqqd", _V2, len(counts), 0, _DIGITS, _LOWEST_US, highest, 1.0) + counts


def _counts(latency: Histogram) -> Iterator[bytes]:
    """The counts by bucket from 0 on; a stretch of empty buckets is one negative number."""
    next_bucket = 0
    for bucket, count in sorted(latency.counts.items()):
        empty = bucket - next_bucket
        if empty:
            yield _signed_leb128(-empty if empty > 1 else 0)
        yield _signed_leb128(count)
        next_bucket = bucket + 1


def _signed_leb128(value: int) -> bytes:
    """ZigZag, then seven bits a byte, lowest first. Counts stay below 2^55, so the ninth byte's eighth bit is free."""
    rest = (value << 1) ^ (value >> 63)
    groups = bytearray()
    while rest > 0x7F:
        groups.append(rest & 0x7F | 0x80)
        rest >>= 7
    groups.append(rest)
    return bytes(groups)
