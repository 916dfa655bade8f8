"""Puts the till's members together: what is configured, the keeper who is asked, the desk and what it tells."""
