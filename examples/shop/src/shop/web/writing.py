"""The JSON form of what the API returns. Amounts are whole cents."""

from __future__ import annotations

from typing import Any

from shop.models import Customer, Order, OrderLine, Product


def product_json(product: Product) -> dict[str, Any]:
    return {
        "sku": product.sku,
        "name": product.name,
        "slug": product.slug,
        "price": product.price.cents,
        "tax_class": product.tax_class.value,
        "available": product.stock.available,
        "low": product.stock.is_low,
    }


def customer_json(customer: Customer) -> dict[str, Any]:
    return {
        "id": customer.id,
        "email": customer.email,
        "name": customer.name,
        "country": customer.country,
        "points": customer.points,
        "tier": customer.tier.label,
    }


def order_json(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "state": order.state.value,
        "placed_at": order.placed_at.isoformat(),
        "country": order.country,
        "goods": order.goods.cents,
        "shipping": order.shipping.cents,
        "tax": order.tax.cents,
        "total": order.total.cents,
        "refunded": order.refunded.cents,
        "lines": [line_json(line) for line in order.lines],
    }


def line_json(line: OrderLine) -> dict[str, Any]:
    return {
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
        "returned": line.returned,
        "net": line.net.cents,
        "tax_percent": str(line.tax_percent),
    }


def page_json(items: list[dict[str, Any]], count: int, page: int, size: int) -> dict[str, Any]:
    return {"items": items, "count": count, "page": page, "pages": max(1, -(-count // size))}
