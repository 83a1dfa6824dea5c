"""Routes."""

from django.urls import path
from users import views

urlpatterns = [
    path("health", views.health),
    path("json", views.hello),
    path("user", views.read_user),
]
