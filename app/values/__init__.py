"""The small values everything else is made of: money, quantity, tax, identifiers, time, words."""
