"""The value of a key in an address: in no log of the real web server, whatever goes wrong."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import RequestFactory

from estimator.middleware import KeysOutOfAddresses, keys_in_address
from estimator.models import Estimate
from tests.api.conftest import Keys, World
from tests.end_to_end.running_service import ROOT, wait_for

KEY = "abcdefgh." + "S3" * 16


@dataclass(frozen=True, kw_only=True)
class Web:
    """gunicorn with every log that it has."""

    address: str
    log: Path

    def ask(self, path: str, **headers: str) -> int:
        """The status."""
        try:
            with urllib.request.urlopen(urllib.request.Request(self.address + path, headers=headers)) as answer:
                answer.read()
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            refusal.read()
            return refusal.code


@contextmanager
def web(log: Path) -> Iterator[Web]:
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = {"DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL, "PUBLIC_HTTPS": "false", "LOG_LEVEL": "DEBUG"}
    logs = ("--access-logfile", "-", "--log-level", "debug", "--capture-output")
    argv = [sys.executable, "-m", "gunicorn", "estimator.wsgi", "--bind", "127.0.0.1:0", "--no-control-socket", *logs]
    with log.open("w") as output:
        process = subprocess.Popen(argv, cwd=ROOT, env=os.environ | environment, stdout=output, stderr=output)
        try:
            wait_for(lambda: "Listening at" in log.read_text(), within_s=30, what="gunicorn listens")
            yield Web(address=log.read_text().partition("Listening at: ")[2].partition(" ")[0], log=log)
        finally:
            process.terminate()
            process.wait(20)


@pytest.mark.django_db(transaction=True)
def test_no_log_of_the_web_server_has_a_key_of_an_address(
    transactional_db: None, tmp_path: Path, fresh_world: World, secret: Keys
) -> None:
    export, reading = secret("export"), secret("read")

    with web(tmp_path / "web.log") as server:
        files = f"/api/v1/estimates.csv?target_name=Ten%20million&key={export}"
        assert server.ask(files) == 200
        assert server.ask(f"/api/v1/estimates.csv?key={reading}") == 401
        assert server.ask(f"/api/v1/estimates.csv?key={KEY}") == 401
        assert server.ask(f"/api/v1/stacks?key={export}") == 403
        assert server.ask(f"/nowhere?key={export}", Referer=server.address + files) == 404
        assert server.ask(f"/admin/?%6Bey={export}") == 200
        Estimate.objects.update(title="Edited")
        assert server.ask(f"/api/v1/estimates/{fresh_world.estimate.pk}.csv?key={export}") == 500
        told = server.log.read_text()

    log = (tmp_path / "web.log").read_text()
    assert told.count("/api/v1/estimates.csv") >= 3 and "target_name=Ten%20million" in told
    assert "answered with tampered" in told and "/nowhere" in told
    for key in (export, reading, KEY):
        assert key.partition(".")[2] not in log


def test_what_follows_sees_an_address_without_keys() -> None:
    request = RequestFactory().get("/a?b=1&key=x.y&c=%20&%6bey=z", headers={"Referer": "http://h/a?key=x.y"})
    request.META["RAW_URI"] = "/a?key=x.y&b=1"

    KeysOutOfAddresses(lambda asked: None)(request)  # type: ignore[arg-type, return-value]

    assert keys_in_address(request) == ("x.y", "z")
    assert request.get_full_path() == "/a?b=1&c=%20"
    assert dict(request.GET.items()) == {"b": "1", "c": " "}
    assert (request.META["RAW_URI"], request.headers["Referer"]) == ("/a?b=1", "http://h/a")
