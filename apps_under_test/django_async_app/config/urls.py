"""Routes."""

from django.urls import path
from shop.views import articles, basics, digests, orders, scores, tokens, users

urlpatterns = [
    path("health", basics.health),
    path("json", basics.hello),
    path("user", users.read_user),
    path("user-raw", users.read_user_raw),
    path("articles", articles.list_articles),
    path("orders", orders.create_order),
    path("upstream", scores.read_score),
    path("cpu", digests.compute_digest),
    path("stream", tokens.stream_tokens),
]
