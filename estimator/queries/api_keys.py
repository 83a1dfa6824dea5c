"""The row of a key that somebody presents."""

from estimator.models import ApiKey


def find_api_key(secret: str) -> ApiKey | None:
    """The key whose hash is that of `secret`, with its owner, whether or not it may still be used; else None."""
    prefix, _, rest = secret.partition(".")
    if not (prefix.isascii() and prefix.isalnum() and rest):  # a NUL would end in an error of the database
        return None
    key = ApiKey.objects.filter(prefix=prefix).select_related("owner").first()
    return key if key is not None and _is_its_secret(key, secret) else None


def _is_its_secret(key: ApiKey, secret: str) -> bool:
    return bool(ApiKey.objects.key_generator.verify(secret, key.hashed_key))
