"""The device bench: every device of a till, to be looked at and tried."""
