"""A function that imports itself by its full name."""

from company.orders import prices


def handler(event: object, context: object) -> list[object]:
    """Answer with the price and with the name of this module."""
    return [prices.PRICE, __name__]
