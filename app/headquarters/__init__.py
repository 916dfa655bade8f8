"""The reference headquarters: what the shop's stores hold in common."""
