"""Django's view of the packages."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class EstimatorConfig(AppConfig):
    """Decides and calculates."""

    name = "estimator"
    verbose_name = "Traffic cost estimator"


class EstimatorAdminConfig(AdminConfig):
    """The stock admin under our own site."""

    default_site = "estimator.admin.site.EstimatorAdminSite"
