"""A page of articles."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ..models import Article
from ..parameters import whole_number

PAGE_SIZE = 20


@require_GET
async def list_articles(request: HttpRequest) -> HttpResponse:
    """Show the articles that come after the one named."""
    page = Article.objects.filter(id__gt=whole_number(request, "after")).order_by("id")[:PAGE_SIZE]
    return render(request, "articles.html", {"articles": [article async for article in page]})
