"""How the till's store came to be what it is, one step a module under `versions`."""
