"""Members, coupons, points and stored value over the wire: the contract, and the client that a till asks through."""

from app.sync.members.client import MemberClient, UnsafeAddress

__all__ = ["MemberClient", "UnsafeAddress"]
