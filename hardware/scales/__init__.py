"""Scales: what each make says over its line, and the thread that turns it into weights a shop may sell."""
