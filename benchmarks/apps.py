"""Django's view of the bench: two doors (tasks, commands), no models."""

from django.apps import AppConfig


class BenchmarksConfig(AppConfig):
    """Measures."""

    name = "benchmarks"
