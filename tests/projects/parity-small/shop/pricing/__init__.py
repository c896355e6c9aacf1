from shop.pricing.rules import discount

RATES = (0, 5, 10)
