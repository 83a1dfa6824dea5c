"""Prepared requests as bytes, with what is known of the right answer to each."""

from typing import Any

from benchmarks.answers import is_right


class RingItem:
    """One request. `answer` (the body's exact bytes), `length` (of the body) and `size` (with all headers) are learned
    from the first verified answer.
    """

    __slots__ = (
        "answer",
        "compares",
        "data",
        "json",
        "label",
        "length",
        "request",
        "size",
        "start",
        "status",
        "text",
        "verified",
    )

    def __init__(self, host: str, data: dict[str, Any]) -> None:
        self.data = data
        self.label = f"{data['method']} {data['path']}"
        self.request = _request_bytes(host, data)
        self.status: int = data["expected_status"]
        self.json, self.text = data["expected_json"], data["expected_text"]
        self.compares = self.json is not None or self.text is not None
        self.start = f"HTTP/1.1 {self.status} ".encode()
        self.length = self.size = -1
        self.answer = b""
        self.verified = False

    def fault(self, status: int, length: int, body: bytes | None) -> str:
        """What is wrong with an answer, empty if nothing; the body is compared when given."""
        if status != self.status:
            return f"status {status} instead of {self.status}{_shown(body)}"
        if not self.compares:
            return ""
        if self.verified and length != self.length:
            return f"a body of {length} bytes instead of {self.length}{_shown(body)}"
        if body is None or (self.verified and body == self.answer):
            return ""
        right = is_right(body, expected_json=self.json, expected_text=self.text)
        return "" if right else f"another body than expected{_shown(body)}"

    def learn(self, body: bytes, size: int = -1) -> None:
        """Take a right answer as the measure of later ones; -1 where its size says nothing of theirs."""
        self.answer, self.length, self.size, self.verified = body, len(body), size, True

    def is_known(self, data: bytes) -> bool:
        """Whether this is the whole answer learned: status, size and every byte of the body.

        False says nothing: it may have come in pieces, or with other headers.
        """
        return len(data) == self.size and data.startswith(self.start) and data.endswith(self.answer)


def _request_bytes(host: str, data: dict[str, Any]) -> bytes:
    body: bytes = data["body"].encode()
    lines = [f"{data['method']} {data['path']} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in data["headers"]]
    if body or data["method"] not in ("GET", "HEAD"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def _shown(body: bytes | None) -> str:
    return f": {body[:200].decode(errors='replace')}" if body else ""
