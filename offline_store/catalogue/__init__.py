"""The catalogue: a file of its own that is built finished, swapped in whole, and searched where it lies."""
