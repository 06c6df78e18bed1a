"""What things cost."""

PRICE = 12
