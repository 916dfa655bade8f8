"""The small parts that every window is made of."""
