"""The admin under our own name."""

from django.contrib.admin import AdminSite


class EstimatorAdminSite(AdminSite):
    """Data entry: hardware, prices, targets, plans, runs, keys."""

    site_header = "Traffic cost estimator"
    site_title = "Traffic cost estimator"
    index_title = "Data"
