"""The tables. Importing this package registers all of them."""

from shop.models.customer import Customer
from shop.models.order import Order, OrderLine
from shop.models.payment import Payment, Refund
from shop.models.product import Product
from shop.models.stock_move import StockMove

__all__ = ["Customer", "Order", "OrderLine", "Payment", "Product", "Refund", "StockMove"]
