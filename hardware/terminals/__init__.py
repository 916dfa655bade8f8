"""Card terminals: their messages, and the worker that never guesses how a payment ended."""
