"""The members of the demonstration: promotions and a gold member, the best coupons, points that pay, a cut line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.checkout.member_views import CouponStanding
from app.checkout.views import Phase

if TYPE_CHECKING:
    from app.commands.members.cut_line import CutLine
    from app.commands.members.house import MemberHouse
    from ui.scripted import ScriptedCheckout

SALES: Final = 2
"""How many sales these scenes complete."""

PHONE: Final = "19900000001"
"""Of the sample store's first member, who is on the gold tier."""

LIMITED_CODE: Final = "YHQ2026001"
YOGURT: Final = "6962178200696"
"""A second cup at half price."""

TOAST: Final = "6945417301019"
"""Two for one price, or with milk."""

MILK: Final = "6915549000241"
"""At the members' price."""

FRESH_MILK: Final = "6915549000753"
"""For nothing, with a coupon."""

TEA: Final = "6987023200645"
"""Three at ten percent off."""

CHIPS: Final = "6993321100266"
"""The second pack at half price."""

POINTS: Final = "points"


@dataclass(frozen=True, slots=True)
class MemberScenes:
    """What the scenes work with."""

    till: "ScriptedCheckout"
    members: "MemberHouse"
    line: "CutLine"
    grab: Callable[[str], None]
    grab_customer: Callable[[str], None]

    def play(self) -> None:
        """Play all of them."""
        self.till.use(language="zh_CN", theme="light", size=(1366, 768))
        self._five_promotions_and_a_member()
        self._best_coupons()
        self._why()
        self._paid_partly_with_points()
        self._headquarters_away()

    def _ring_up(self, *goods: str) -> None:
        for code in goods:
            self.till.scan(code)

    def _name(self, phone: str) -> None:
        """Key the member's telephone number in; the local copy answers at once, headquarters a moment later."""
        self.till.press("F4")
        self.till.type(phone)
        self.till.press("Return")
        self.till.wait_until(lambda: self.till.view.shopper.member is not None, "the member was not found")
        self.till.wait_until(lambda: not self.till.view.shopper.looking, "headquarters did not answer")

    def _five_promotions_and_a_member(self) -> None:
        self._ring_up(YOGURT, YOGURT, TOAST, TOAST, MILK, TEA, TEA, TEA, CHIPS, CHIPS, FRESH_MILK)
        self.grab("promotions-zh")
        self.grab_customer("customer-promotions-zh")
        self._name(PHONE)
        self.grab("member-zh")
        self.grab_customer("customer-member-zh")

    def _best_coupons(self) -> None:
        """One touch: the coupons by which the shopper saves most, set aside at headquarters."""
        self.till.press("Ctrl+F4")
        self.till.wait_until(
            lambda: self._stands(CouponStanding.USED) and not self._stands(CouponStanding.ASKED),
            "no coupon was used",
        )
        self.grab("best-coupons-zh")
        self.till.press("Esc")
        self.grab_customer("customer-coupons-zh")

    def _stands(self, standing: CouponStanding) -> bool:
        return any(coupon.standing is standing for coupon in self.till.view.shopper.coupons)

    def _why(self) -> None:
        """What was given and why, what almost applies, what does not."""
        self.till.press("Shift+F4")
        self.till.wait_until(lambda: self.till.view.deal is not None, "nothing is explained")
        self.grab("offers-explained-zh")
        self.till.use(language="en", theme="dark", size=(1366, 768))
        self.grab("offers-explained-en-dark")
        self.till.use(language="zh_CN", theme="light", size=(1366, 768))
        self.till.press("Esc")

    def _paid_partly_with_points(self) -> None:
        self.till.press("F12")
        payment = self.till.view.payment
        if payment is None:
            raise LookupError("nothing is to be paid")
        position = [choice.tender_type_id for choice in payment.choices].index(POINTS)
        self.till.press(f"Ctrl+{position + 1}")
        self.till.wait_until(lambda: bool(self.till.view.basket.tenders), "the points did not pay")
        self.grab("paid-with-points-zh")
        self.till.press("F4")
        self.till.wait_until(self._is_paid, "cash was not taken")
        self.grab("member-receipt-zh")
        self.grab_customer("customer-member-thanks-zh")

    def _is_paid(self) -> bool:
        return self.till.view.phase is Phase.PAID

    def _headquarters_away(self) -> None:
        """The line is cut: the member as the till knows them, and a limited coupon out of the till's own share."""
        self.till.use(language="en", theme="dark", size=(1366, 768))
        self.line.cut()
        self._ring_up(YOGURT, TOAST, TOAST, MILK)
        self._name(PHONE)
        self.till.wait_until(lambda: self.members.away() is not None, "nobody saw that the line is cut")
        self.till.press("Esc")
        self.till.scan(LIMITED_CODE)
        self.till.wait_until(lambda: self._stands(CouponStanding.USED), "the till's own share was not used")
        self.grab("headquarters-away-en-dark")
        self.till.press("F12", "F4")
        self.till.wait_until(self._is_paid, "cash was not taken")
        self.line.mend()
        self.till.use(language="zh_CN", theme="light", size=(1366, 768))
