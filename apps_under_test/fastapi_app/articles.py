"""A page of articles."""

from datetime import date

from database import Base, ReadSession
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from sqlalchemy import BigInteger, Date, Text, select
from sqlalchemy.orm import Mapped, mapped_column

PAGE_SIZE = 20

router = APIRouter()
templates = Jinja2Templates("templates")


class Article(Base):
    __tablename__ = "articles"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    published_on: Mapped[date] = mapped_column(Date)


@router.get("/articles", response_class=HTMLResponse)
async def list_articles(request: Request, session: ReadSession, after: int) -> HTMLResponse:
    """Show the articles that come after the one named."""
    page = select(Article).where(Article.id > after).order_by(Article.id).limit(PAGE_SIZE)
    articles = await session.scalars(page)
    return templates.TemplateResponse(request, "articles.html", {"articles": articles})
