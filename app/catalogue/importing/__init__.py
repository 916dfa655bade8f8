"""Reads product files of shops and says, row by row, what is wrong with them; knows nothing of where they go."""
