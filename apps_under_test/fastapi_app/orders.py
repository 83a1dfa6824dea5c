"""Orders: from the stock into the book, in one transaction."""

from datetime import datetime
from typing import Annotated

from database import Base, WriteSession
from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Integer, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

LARGEST_INTEGER = 2_147_483_647  # that the column holds

router = APIRouter()


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    sku: Mapped[str] = mapped_column(Text, unique=True)
    price_cents: Mapped[int] = mapped_column(Integer)
    stock: Mapped[int] = mapped_column(BigInteger)


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id"))
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("products.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    total_cents: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class OrderIn(BaseModel):
    user_id: int
    sku: str
    quantity: Annotated[int, Field(strict=True, ge=1, le=LARGEST_INTEGER)]


class OrderOut(BaseModel):
    sku: str
    quantity: int
    total_cents: int


@router.post("/orders", status_code=201)
async def create_order(wanted: OrderIn, session: WriteSession) -> OrderOut:
    """Take the goods from the stock and write the order down: both or neither."""
    product = await session.scalar(select(Product).where(Product.sku == wanted.sku).with_for_update())
    if product is None:
        raise HTTPException(404, "Unknown product")
    quantity, total_cents = wanted.quantity, wanted.quantity * product.price_cents
    product.stock -= quantity
    session.add(Order(user_id=wanted.user_id, product_id=product.id, quantity=quantity, total_cents=total_cents))
    await session.commit()
    return OrderOut(sku=wanted.sku, quantity=quantity, total_cents=total_cents)
