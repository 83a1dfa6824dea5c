"""Data entry, one file per noun. Importing the package registers all pages."""

from estimator.admin import (
    api_keys,
    audit,
    claims,
    developers,
    estimates,
    exchange,
    hardware,
    journeys,
    plans,
    prices,
    profiles,
    runs,
    stacks,
    targets,
    tariffs,
    trials,
)

__all__ = [
    "api_keys",
    "audit",
    "claims",
    "developers",
    "estimates",
    "exchange",
    "hardware",
    "journeys",
    "plans",
    "prices",
    "profiles",
    "runs",
    "stacks",
    "targets",
    "tariffs",
    "trials",
]
