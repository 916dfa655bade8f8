"""Twins of devices that speak the real protocols, for tests, demonstrations and shops without hardware."""
