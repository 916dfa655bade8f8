"""What is sold: the basket while it can change, the sale once it cannot, the receipt as data."""
