"""A page of articles."""

from datetime import date

from database import Base, open_session
from parameters import whole_number
from quart import Blueprint, render_template
from sqlalchemy import BigInteger, Date, Text, select
from sqlalchemy.orm import Mapped, mapped_column

PAGE_SIZE = 20

blueprint = Blueprint("articles", __name__)


class Article(Base):
    __tablename__ = "articles"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    published_on: Mapped[date] = mapped_column(Date)


@blueprint.get("/articles")
async def list_articles() -> str:
    """Show the articles that come after the one named."""
    page = select(Article).where(Article.id > whole_number("after")).order_by(Article.id).limit(PAGE_SIZE)
    async with open_session() as session:
        articles = await session.scalars(page)
    return await render_template("articles.html", articles=articles)
