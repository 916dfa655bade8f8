"""The keeper of members, coupons, points and stored value: a book in a database, and a server that tills ask.

The server stands apart in `app.headquarters.members.server`: it needs the optional extra `headquarters`, the book does
not.
"""

from app.headquarters.members.book import MemberBook
from app.headquarters.members.database import KeeperTroubled
from app.headquarters.members.opening import open_member_book
from app.headquarters.members.records import (
    CampaignArm,
    CampaignFigures,
    ExceptionKind,
    KeeperRefused,
    KeptException,
    MemberLine,
    Quarantined,
    TillAccess,
)
from app.headquarters.members.terms import CopyRule, Issuer, KeeperTerms, LeaseRule

__all__ = [
    "CampaignArm",
    "CampaignFigures",
    "CopyRule",
    "ExceptionKind",
    "Issuer",
    "KeeperRefused",
    "KeeperTerms",
    "KeeperTroubled",
    "KeptException",
    "LeaseRule",
    "MemberBook",
    "MemberLine",
    "Quarantined",
    "TillAccess",
    "open_member_book",
]
