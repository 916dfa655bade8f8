"""The window a cashier sells from."""
