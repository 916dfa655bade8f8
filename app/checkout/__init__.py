"""The use cases the screens call: scan, weigh, pay, complete, suspend, recall."""
