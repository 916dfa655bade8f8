"""The till's store: what it sold and what it sells, on its own disk, encrypted."""
