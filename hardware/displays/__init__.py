"""Customers' pole displays: what they are sent, and the worker that keeps them showing the newest."""
