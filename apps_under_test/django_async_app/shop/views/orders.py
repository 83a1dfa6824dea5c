"""Orders: from the stock into the book, in one transaction."""

import json

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from ..answers import answer, refusal
from ..forms import OrderForm
from ..models import Order, Product


@require_POST
async def create_order(request: HttpRequest) -> JsonResponse:
    """Take the goods from the stock and write the order down: both or neither."""
    form = OrderForm(parsed(request))
    if not form.is_valid():
        return refusal("An order needs user_id, sku and a quantity that is a whole number from 1 on", status=422)
    try:
        order = await place_order(**form.cleaned_data)
    except Product.DoesNotExist:
        return refusal("Unknown product", status=404)
    body = {"sku": order.product.sku, "quantity": order.quantity, "total_cents": order.total_cents}
    return answer(body, status=201)


@sync_to_async
@transaction.atomic
def place_order(*, user_id: int, sku: str, quantity: int) -> Order:
    """The order, written. Raises Product.DoesNotExist, and then nothing is. Django's transactions are sync."""
    product = Product.objects.select_for_update().get(sku=sku)
    product.stock -= quantity
    product.save(update_fields=["stock"])
    total_cents = quantity * product.price_cents
    return Order.objects.create(user_id=user_id, product=product, quantity=quantity, total_cents=total_cents)


def parsed(request: HttpRequest) -> dict[str, object]:
    """The fields in the request's JSON; none if there is no object in it."""
    try:
        body = json.loads(request.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
