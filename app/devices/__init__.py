"""What devices and the shop say to each other: frozen values, no bytes and no Qt."""
