"""The wire between tills and headquarters: what is said on it, and the till's end of it."""
