"""All addresses of the service."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("estimator.reports.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("estimator.api.urls")),
]
