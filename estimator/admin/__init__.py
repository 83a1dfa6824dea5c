"""Data entry, one file per noun. Importing the package registers all pages."""

from estimator.admin import (
    api_keys,
    claims,
    developers,
    estimates,
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
    "claims",
    "developers",
    "estimates",
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
