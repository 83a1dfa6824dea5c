"""Routes of the Django side."""

from django.urls import path
from shop.views import articles, digests, health, orders

urlpatterns = [
    path("health", health.health),
    path("articles", articles.list_articles),
    path("orders", orders.create_order),
    path("cpu", digests.compute_digest),
]
