"""What database and upstream of the benchmark hold: the same values for the seed and for the expected answers."""

import hashlib
from datetime import UTC, date, datetime, timedelta

USER_COUNT = ARTICLE_COUNT = PRODUCT_COUNT = 10_000
INITIAL_STOCK = 1_000_000_000
_FIRST_INSTANT = datetime(2026, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(2026, 1, 1)


def user_token(user_id: int) -> str:
    """The bearer token of user `user_id` (1..USER_COUNT)."""
    return hashlib.sha256(f"user-token-{user_id}".encode()).hexdigest()


def user_name(user_id: int) -> str:
    """The name of user `user_id`."""
    return f"User {user_id}"


def user_email(user_id: int) -> str:
    """The address of user `user_id`."""
    return f"user{user_id}@example.org"


def user_row(user_id: int) -> tuple[int, str, str, str, datetime]:
    """id, name, email, token, created_at."""
    created_at = _FIRST_INSTANT + timedelta(seconds=user_id)
    return user_id, user_name(user_id), user_email(user_id), user_token(user_id), created_at


def article_row(article_id: int) -> tuple[int, str, str, str, date]:
    """id, title, summary, author, published_on of article `article_id` (1..ARTICLE_COUNT)."""
    return (
        article_id,
        f"Article {article_id} & more",
        f"What happened on day {article_id}, told in {article_id % 50 + 1} lines",
        f"Author {article_id % 100}",
        _FIRST_DAY + timedelta(days=article_id % 365),
    )


def product_sku(product_id: int) -> str:
    """What people order product `product_id` by (1..PRODUCT_COUNT)."""
    return f"SKU-{product_id}"


def product_price_cents(product_id: int) -> int:
    """What one piece of product `product_id` costs."""
    return 100 + product_id % 900


def product_row(product_id: int) -> tuple[int, str, int, int]:
    """id, sku, price_cents, stock."""
    return product_id, product_sku(product_id), product_price_cents(product_id), INITIAL_STOCK


def upstream_score(item: int) -> int:
    """What the upstream says of an item."""
    return item * 7919 % 1000
