"""What the shop sells and how it is found: products, the price book, look-up, and what a scanned code means."""
