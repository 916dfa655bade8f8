"""RFID readers: goods that carry a tag are seen all at once, without being scanned one by one."""
