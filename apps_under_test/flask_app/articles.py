"""A page of articles."""

from datetime import date

from database import Base, Session
from flask import Blueprint, render_template
from parameters import whole_number
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
def list_articles() -> str:
    """Show the articles that come after the one named."""
    page = select(Article).where(Article.id > whole_number("after")).order_by(Article.id).limit(PAGE_SIZE)
    with Session() as session:
        articles = session.scalars(page).all()
    return render_template("articles.html", articles=articles)
