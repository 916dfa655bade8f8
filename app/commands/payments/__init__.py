"""Puts the till's payments together: what is configured, the providers, the desk and what keeps looking at the line."""
