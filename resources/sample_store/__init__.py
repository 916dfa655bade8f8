"""A Chinese community supermarket to try the till on."""
