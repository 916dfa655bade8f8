"""What can be wrong with a coupon or a signed code at the till: one problem each, with what to say to the shopper."""

from app.values.problems import Problem
from app.values.wording import wording


class CouponRefused(Problem):
    """Base of everything that keeps a coupon from being used; the basket stays as it was."""

    code = "COUPON-REFUSED"


class BadCoupon(CouponRefused):
    """Raised when the shop's description of a coupon contradicts itself."""

    code = "COUPON-BAD"


class Unreadable(CouponRefused):
    """Raised when a text is no signed code: cut off, misread, or of another kind."""

    code = "COUPON-UNREADABLE"

    def __init__(self) -> None:
        """Say so."""
        super().__init__(wording("The code was not read whole. Scan it again."))


class IssuerUnknown(CouponRefused):
    """Raised when the key that a code names is not one of this shop's."""

    code = "COUPON-ISSUER-UNKNOWN"

    def __init__(self) -> None:
        """Say so."""
        super().__init__(wording("This till does not know who issued this code. It cannot be taken here."))


class IssuerRetired(CouponRefused):
    """Raised when the key had been withdrawn when the code was issued."""

    code = "COUPON-ISSUER-RETIRED"

    def __init__(self) -> None:
        """Say so."""
        super().__init__(wording("This code was issued with a key that is no longer good. Ask for a new one."))


class Forged(CouponRefused):
    """Raised when what a code says is not what was signed."""

    code = "COUPON-FORGED"

    def __init__(self) -> None:
        """Say so."""
        super().__init__(wording("This code was changed after it was issued. It cannot be taken."))


class OtherShop(CouponRefused):
    """Raised when a code is good elsewhere: another company's, another store's, or another till's."""

    code = "COUPON-OTHER-SHOP"

    def __init__(self) -> None:
        """Say so."""
        super().__init__(wording("This code is for another shop. It cannot be taken here."))


class NotYetValid(CouponRefused):
    """Raised before the first instant."""

    code = "COUPON-NOT-YET"

    def __init__(self, day: str) -> None:
        """Say from when on."""
        super().__init__(wording("This code is good from {day} on.", day=day))


class Expired(CouponRefused):
    """Raised after the last instant."""

    code = "COUPON-EXPIRED"

    def __init__(self, day: str) -> None:
        """Say since when."""
        super().__init__(wording("This code was good until {day}.", day=day))


class OtherMember(CouponRefused):
    """Raised when a code belongs to a member who is not the one at the till."""

    code = "COUPON-OTHER-MEMBER"

    def __init__(self) -> None:
        """Say so."""
        super().__init__(wording("This code belongs to a member. Scan that member's card first."))


class UsedAlready(CouponRefused):
    """Raised when every use was made: the code is replayed."""

    code = "COUPON-USED"

    def __init__(self) -> None:
        """Say so."""
        super().__init__(wording("This code has been used already."))


class TillLimitReached(CouponRefused):
    """Raised when a till may not take the code again without asking headquarters."""

    code = "COUPON-TILL-LIMIT"

    def __init__(self) -> None:
        """Say so."""
        super().__init__(wording("This till cannot take this code again while headquarters is away. Try another till."))


class MemberLimitReached(CouponRefused):
    """Raised when a member has had as many of this coupon as one may."""

    code = "COUPON-MEMBER-LIMIT"

    def __init__(self) -> None:
        """Say so."""
        super().__init__(wording("The member has used this offer as often as one may."))


class NotClaimed(CouponRefused):
    """Raised when a coupon must be claimed before it is used."""

    code = "COUPON-NOT-CLAIMED"

    def __init__(self) -> None:
        """Say so."""
        super().__init__(wording("This coupon must be claimed in the mini-program first."))


class Voided(CouponRefused):
    """Raised when headquarters withdrew a coupon."""

    code = "COUPON-VOIDED"

    def __init__(self) -> None:
        """Say so."""
        super().__init__(wording("This coupon was withdrawn."))


class QuotaUsedUp(CouponRefused):
    """Raised when a till's share of a limited offer is used up or over."""

    code = "COUPON-QUOTA"

    def __init__(self) -> None:
        """Say so."""
        super().__init__(wording("This offer is used up at this till."))
