"""Small files of mode 600."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from estimator.runtime.private_files import private_text, read_private, write_private


def test_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    secret = private_text(tmp_path / "secret")

    assert len(secret) >= 32
    assert private_text(tmp_path / "secret") == secret
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_many_makers_of_one_secret_all_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: private_text(tmp_path / "secret"), range(8)))

    assert len(secrets) == 1


def test_empty_file_counts_as_missing(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()

    assert read_private(tmp_path / "secret") is None
    assert private_text(tmp_path / "secret")


def test_rewriting_leaves_no_draft_and_keeps_the_mode(tmp_path: Path) -> None:
    write_private(tmp_path / "port", "1")
    write_private(tmp_path / "port", "2")

    assert read_private(tmp_path / "port") == "2"
    assert [path.name for path in tmp_path.iterdir()] == ["port"]
