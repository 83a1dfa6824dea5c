"""Orders: from the stock into the book, in one transaction."""

from datetime import datetime

from database import Base, open_transaction
from quart import Blueprint, abort, request
from quart.typing import ResponseReturnValue
from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Integer, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import UnprocessableEntity

LARGEST_INTEGER = 2_147_483_647  # that the column holds

blueprint = Blueprint("orders", __name__)


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


@blueprint.post("/orders")
async def create_order() -> ResponseReturnValue:
    """Take the goods from the stock and write the order down: both or neither."""
    user_id, sku, quantity = wanted(await request.get_json())
    async with open_transaction() as session:
        product = await session.scalar(select(Product).where(Product.sku == sku).with_for_update())
        if product is None:
            abort(404, "Unknown product")
        product.stock -= quantity
        total_cents = quantity * product.price_cents
        session.add(Order(user_id=user_id, product_id=product.id, quantity=quantity, total_cents=total_cents))
    return {"sku": sku, "quantity": quantity, "total_cents": total_cents}, 201


def wanted(body: object) -> tuple[int, str, int]:
    """User, SKU and quantity of an order; anything else is refused."""
    match body:
        case {"user_id": int(user_id), "sku": str(sku), "quantity": int(quantity)}:
            if 1 <= quantity <= LARGEST_INTEGER and bool not in {type(user_id), type(quantity)}:
                return user_id, sku, quantity
    raise UnprocessableEntity("An order needs user_id, sku and a quantity that is a whole number from 1 on")
