"""The window the shopper looks at."""
