"""Django's view of the packages."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class EstimatorConfig(AppConfig):
    """Decides and calculates."""

    name = "estimator"
    verbose_name = "Traffic cost estimator"


class EstimatorAdminConfig(AdminConfig):
    """The stock admin under our own site."""

    default_site = "estimator.admin.site.EstimatorAdminSite"

    def ready(self) -> None:
        """Our pages register before anything else asks for the site, which lies in their own package: asked for in
        the middle of its import, the site would be made twice and forget them."""
        import_module("estimator.admin")
        super().ready()
