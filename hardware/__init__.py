"""Drivers: bytes in, frozen events out. No Qt, no SQL, and no driver knows a screen."""
