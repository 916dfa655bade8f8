"""Puts a till's devices together: starts them, hears them, shows them on the bench, finds new ones."""
