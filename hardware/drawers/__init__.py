"""Cash drawers: how they are wired, kicked open and seen to be open."""
