"""A till with promotions, members and coupons in any order of touches, news, asides, payments, failures and restarts.

Whatever happens: what is shown is charged and is the sum of its parts, a deal that is being paid does not move, the
same basket has the same deal, and every use that was asked for ends in exactly one place: used, let go, or still held.
"""

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.checkout import member_requests as members
from app.checkout import requests as ask
from app.checkout.member_ports import AskCoupon, FindMember, ReserveCoupon
from app.checkout.member_requests import CouponAnswered, MemberAnswered, ReserveAnswered
from app.checkout.views import Phase
from app.members.coupons import Proof
from app.members.identity import Standing
from app.members.ports import CouponAnswer, CouponReach, CouponsFound, MemberAnswer, Reach
from app.payments.attempt_record import AttemptState
from app.promotions.solving import Effort
from app.sales.basket import Basket, DiscountKind
from app.sales.dealing import work_out
from app.sales.pricing import price_basket
from app.sales.sale import DiscountScope
from app.sales.shopper import BasketDeal, CouponHold
from app.values.wording import Wording
from tests.unit.app.checkout.conftest import open_floor, with_members, with_providers
from tests.unit.app.checkout.members_by_hand import (
    AWAY,
    LI_PHONE,
    NOON,
    WANG_PHONE,
    amount_off,
    facts,
    form,
    lease,
    li,
    member,
    member_pass,
    offer,
    percent_off,
    signed,
)

FORMS = {
    "ten": form("ten", amount_off(1000)),
    "five": form("five", amount_off(500, 600), stackable=True),
    "tenth": form("tenth", percent_off(1000, most=2000), stackable=True),
    "shirt": form("shirt", percent_off(2000), promotion_id="SHIRT20", stackable=True),
}
OFFERS = {
    f"c-{name}-{proof.value}": offer(
        f"c-{name}-{proof.value}",
        of,
        proof,
        signed=None if proof is Proof.ONLINE else signed(of, f"c-{name}-{proof.value}", "m-wang"),
    )
    for name, of in FORMS.items()
    for proof in (Proof.ONLINE, Proof.SIGNED)
}
PAPER = {name: signed(of, f"paper-{name}").text() for name, of in FORMS.items()}
SHARE = lease("YHQ0000001", form("share", amount_off(200), must_be_claimed=False, stackable=True), granted=2)
WANG = facts()
PEOPLE = {
    "wang": WANG,
    "wang, richer": facts(points=9000, used_offers=(("shirt-once", 1),)),
    "wang, blocked": facts(member(standing=Standing.BLOCKED)),
    "li": facts(li()),
}
PRODUCTS = ("MILK", "GUM", "SHIRT", "CIGARETTES")


class ShopperMachine(RuleBasedStateMachine):
    """Shoppers, cashiers, headquarters and the disk, each doing what they like."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = with_members(with_providers(open_floor()))
        self.shop.store.shares.append(SHARE)
        self.shop.store.knows(WANG, *OFFERS.values())
        self.desk = self.shop.members
        self.granted: set[str] = set()
        self.asked: dict[str, set[str]] = {}
        self.fixed: dict[str, BasketDeal | None] = {}
        self.before: Basket | None = None
        self.shown: tuple[Phase, int] = (Phase.SELLING, 0)

    def does(self, request: object) -> None:
        """Have something asked of the till, and see to what must hold of one step."""
        sold, self.before = len(self.shop.store.sales), self.shop.store.open_basket()
        view = self.shop.till.view()
        self.shown = (view.phase, view.basket.due_minor)
        self.shop.till.handle(request)  # type: ignore[arg-type] # whatever request it is
        self.shop.store.fails_at = frozenset()
        if len(self.shop.store.sales) > sold:
            self._sold()

    def _sold(self) -> None:
        sale = self.shop.store.sales[-1].sale
        phase, due = self.shown
        assert self.before is not None
        # What stood in the tender pane is charged; straight out of the basket it is never more than what was shown.
        assert sale.gross_minor == due or (phase is not Phase.PAYING and sale.gross_minor < due)
        inside = {coupon.redemption_id for coupon in self.before.coupons}
        used = {use.redemption_id for use in sale.coupons}
        released = {one.redemption_id for one in sale.released}
        assert used <= inside
        assert not used & released
        assert self.asked.get(sale.sale_id, set()) <= used | released
        assert inside <= used | released
        assert all(use.proof is not Proof.ONLINE or use.redemption_id in self.granted for use in sale.coupons)
        shares = [share for line in sale.lines for share in line.discounts]
        assert sum(share.amount_minor for share in shares) == sale.discount_minor
        of_offers = sum(share.amount_minor for share in shares if share.scope.is_promotion)
        assert sale.promotions is not None
        assert of_offers == sum(one.saving_minor for one in sale.promotions.offers)
        assert sum(use.cost_minor for use in sale.coupons) <= of_offers

    # The cashier and the shopper.

    @rule(products=st.lists(st.sampled_from(PRODUCTS), min_size=1, max_size=4))
    def ring_up(self, products: list[str]) -> None:
        for product in products:
            self.does(ask.AddProduct(product))
            if self.shop.till.view().question is not None:
                self.does(ask.AnswerQuestion("yes"))

    @precondition(lambda self: self.shop.store.open_basket())
    @rule(data=st.data())
    def change_a_line(self, data: st.DataObject) -> None:
        lines = self.shop.till.view().basket.lines
        line = data.draw(st.sampled_from(lines)).line_id
        self.does(
            data.draw(
                st.sampled_from(
                    [
                        ask.VoidLine(line),
                        ask.ChangeQuantity(line, "7"),
                        ask.ChangeQuantity(line, "1"),
                        ask.OverridePrice(line, "1.99", "label"),
                        ask.GiveDiscount(DiscountKind.PERCENT, "15", "damaged", line),
                        ask.GiveDiscount(DiscountKind.AMOUNT, "3", "kind"),
                    ]
                )
            )
        )

    @rule(who=st.sampled_from(["wang", "li", "card", "telephone", "nobody"]))
    def name(self, who: str) -> None:
        if who == "telephone":
            self.shop.scan(member_pass("m-wang", self.shop.clock.now()))
        elif who == "card":
            self.shop.scan("M000000042")
        else:
            phones = {"wang": WANG_PHONE, "li": LI_PHONE, "nobody": "13700000000"}
            self.does(members.NameMember(phones[who]))

    @rule()
    def drop(self) -> None:
        self.does(members.DropMember())

    @rule(coupon=st.sampled_from(sorted(OFFERS)))
    def use(self, coupon: str) -> None:
        self.does(members.UseCoupon(coupon))

    @rule(coupon=st.sampled_from(sorted(OFFERS)))
    def keep(self, coupon: str) -> None:
        self.does(members.KeepCoupon(coupon))

    @rule()
    def use_the_best(self) -> None:
        self.does(members.UseBestCoupons())

    @rule(code=st.sampled_from([*PAPER.values(), SHARE.code, "YHQ0000002", "GC1JUNK"]))
    def scan_a_coupon(self, code: str) -> None:
        self.shop.scan(code)

    @rule()
    def put_aside(self) -> None:
        self.shop.clock.advance(timedelta(seconds=20))
        self.does(ask.SuspendBasket())

    @precondition(lambda self: self.shop.store.suspended_baskets())
    @rule(data=st.data())
    def recall(self, data: st.DataObject) -> None:
        aside = data.draw(st.sampled_from(self.shop.store.suspended_baskets()))
        self.does(ask.RecallBasket(aside.basket_id))

    @rule()
    def buy_with_coupons(self) -> None:
        """What the shop hopes for: a member, some goods, the best coupons."""
        for request in (members.NameMember(WANG_PHONE), ask.AddProduct("SHIRT"), members.UseBestCoupons()):
            self.does(request)

    @rule()
    def give_up(self) -> None:
        self.does(ask.AbandonBasket("gone"))

    # Payment.

    @rule(
        request=st.sampled_from(
            [
                ask.BeginPayment(),
                ask.LeavePayment(),
                ask.TakeTender("cash"),
                ask.TakeTender("cash"),
                ask.TakeTender("cash", "1"),
                ask.TakeTender("points"),
                ask.TakeTender("value", "2"),
                ask.RemoveTender(1),
                members.ShowDeal(),
                members.ShowMember(),
            ]
        )
    )
    def pay(self, request: object) -> None:
        self.does(request)

    @precondition(lambda self: self.shop.till.view().shopper.member and not self.shop.payments.busy)
    @rule(tender=st.sampled_from(["points", "value"]), approved=st.booleans())
    def pay_out_of_the_account(self, tender: str, approved: bool) -> None:
        self.does(ask.TakeTender(tender))
        if self.shop.payments.busy:
            basket = self.shop.store.open_basket()
            assert basket is not None
            assert basket.member is not None
            assert self.shop.desk.last().shopper_code == basket.member.member_id
            assert not basket.member.blocked
            self.a_payment_ends(approved=approved)

    @precondition(lambda self: self.shop.payments.busy)
    @rule(approved=st.booleans())
    def a_payment_ends(self, approved: bool) -> None:
        order = self.shop.desk.last()
        self.shop.store.fails_at = frozenset()
        if order.basket_id in self.shop.payments.busy:
            self.before = self.shop.store.open_basket()
            view, sold = self.shop.till.view(), len(self.shop.store.sales)
            self.shown = (view.phase, view.basket.due_minor)
            self.shop.desk.ends(AttemptState.APPROVED if approved else AttemptState.DECLINED, order)
            if len(self.shop.store.sales) > sold:
                self._sold()

    @precondition(lambda self: self.shop.store.open_basket())
    @rule(reached=st.sampled_from([CouponReach.DONE, CouponReach.DONE, CouponReach.AWAY]))
    def see_it_through(self, reached: CouponReach) -> None:
        """Everything that is waited for comes, and the shopper pays."""
        self.shop.store.fails_at = frozenset()
        basket = self.shop.store.open_basket()
        for question in self.desk.questions:
            if isinstance(question, ReserveCoupon) and basket and question.basket_id == basket.basket_id:
                self._answers(question, reached)
        if self.shop.payments.busy:
            self.a_payment_ends(approved=True)
        if self.shop.till.view().question is None:
            self.does(ask.TakeTender("cash"))

    def _answers(self, question: ReserveCoupon, reached: CouponReach) -> None:
        if reached is CouponReach.DONE:
            self.granted.add(question.redemption_id)
        self.does(members.ReportMember(ReserveAnswered(question, CouponAnswer(reached))))

    # Headquarters, the line, the disk.

    @rule(gone=st.sampled_from([AWAY, None, None]))
    def the_line(self, gone: Wording | None) -> None:
        self.desk.gone = gone

    @rule(takes=st.sampled_from([True, True, False]))
    def the_desk(self, takes: bool) -> None:
        self.desk.takes = takes

    @precondition(lambda self: self.desk.questions)
    @rule(data=st.data())
    def headquarters_answers(self, data: st.DataObject) -> None:
        question = data.draw(st.sampled_from(self.desk.questions[-6:]))
        if isinstance(question, FindMember):
            who = data.draw(st.sampled_from([*PEOPLE, ""]))
            reach = Reach.ANSWERED if who else data.draw(st.sampled_from([Reach.NOT_FOUND, Reach.AWAY]))
            coupons = tuple(OFFERS.values()) if who.startswith("wang") else ()
            self.does(members.ReportMember(MemberAnswered(question, MemberAnswer(reach, PEOPLE.get(who), coupons))))
        elif isinstance(question, AskCoupon):
            reach = data.draw(st.sampled_from([Reach.ANSWERED, Reach.REFUSED, Reach.AWAY]))
            found = CouponsFound(reach, (offer("c-asked", FORMS["five"]),) if reach is Reach.ANSWERED else ())
            self.does(members.ReportMember(CouponAnswered(question, found)))
        elif isinstance(question, ReserveCoupon):
            self._answers(question, data.draw(st.sampled_from(CouponReach)))

    @rule(fails=st.sampled_from(["save_basket", "commit_sale"]))
    def the_disk_fails_once(self, fails: str) -> None:
        self.shop.store.fails_at = frozenset({fails})

    @rule(seconds=st.sampled_from([1, 20, 700]))
    def time_goes_by(self, seconds: int) -> None:
        self.shop.clock.advance(timedelta(seconds=seconds))

    @precondition(lambda self: not self.shop.till.has_unheard)
    @rule()
    def be_started_again(self) -> None:
        self.shop.store.fails_at = frozenset()
        self.shop.restart()

    # What always holds.

    @invariant()
    def what_is_shown_is_the_sum_of_its_parts(self) -> None:
        view = self.shop.till.view().basket
        for line in view.lines:
            assert line.total_minor == line.extended_minor - sum(one.amount_minor for one in line.discounts)
            assert line.total_minor >= 0
        whole = sum(one.amount_minor for one in view.discounts if one.scope is DiscountScope.BASKET_PROMOTION)
        assert view.due_minor == sum(line.total_minor for line in view.lines) - whole
        own = sum(one.amount_minor for line in view.lines for one in line.discounts)
        assert view.discount_minor == own + whole

    @invariant()
    def the_store_has_what_is_shown(self) -> None:
        stored, held = self.shop.store.open_basket(), self.shop.till._state.basket
        assert stored == held
        if stored is not None:
            assert price_basket(stored).gross_minor == self.shop.till.view().basket.due_minor

    @invariant()
    def a_deal_that_is_being_paid_does_not_move(self) -> None:
        baskets = self._baskets()
        for basket in baskets:
            fixed = basket.tenders or basket.basket_id in self.shop.payments.busy
            if fixed and basket.basket_id in self.fixed:
                assert basket.deal == self.fixed[basket.basket_id]
            self.fixed.pop(basket.basket_id, None)
            if fixed:
                self.fixed[basket.basket_id] = basket.deal

    @invariant()
    def the_same_basket_has_the_same_deal(self) -> None:
        for basket in self._baskets():
            deal = basket.deal
            if deal is not None:
                assert work_out(basket, self.shop.counter.offers, Effort(deal.effort), explained=False).deal == deal
                assert set(dict.fromkeys(line for line, _, _ in deal.shares)) <= {
                    line.line_id for line in basket.live_lines
                }

    @invariant()
    def every_use_that_was_asked_for_is_in_one_place(self) -> None:
        assert self.desk.asked_too_early == []
        for question in self.desk.questions:
            if isinstance(question, ReserveCoupon):
                self.asked.setdefault(question.basket_id, set()).add(question.redemption_id)
        for basket in self._baskets():
            inside = [coupon.redemption_id for coupon in basket.coupons]
            released = [one.redemption_id for one in basket.released]
            assert len({*inside, *released}) == len(inside) + len(released)
            assert self.asked.get(basket.basket_id, set()) <= {*inside, *released}
        for basket_id, let_go in self.shop.store.let_go:
            assert self.asked.get(basket_id, set()) <= {one.redemption_id for one in let_go}

    @invariant()
    def no_share_gives_more_than_it_has(self) -> None:
        held = sum(one.lease_id == SHARE.lease.lease_id for basket in self._baskets() for one in basket.coupons)
        assert held + self.shop.store.lease_used(SHARE.lease.lease_id) <= SHARE.lease.granted

    @invariant()
    def nothing_is_paid_while_a_coupon_is_asked_about(self) -> None:
        for basket in self._baskets():
            if basket.tenders or basket.basket_id in self.shop.payments.busy:
                assert all(coupon.hold is not CouponHold.ASKED for coupon in basket.coupons)

    @invariant()
    def coupons_that_do_not_stack_are_alone(self) -> None:
        for basket in self._baskets():
            assert len(basket.coupons) <= 1 or all(coupon.stackable for coupon in basket.coupons)

    def _baskets(self) -> list[Basket]:
        return list(self.shop.store.baskets.values())


ShopperMachine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestShopper = ShopperMachine.TestCase


def test_the_same_steps_make_the_same_deal_twice() -> None:
    """Two tills, the same hour, the same steps: the same basket to the last fen."""

    def run() -> Basket:
        shop = with_members(with_providers(open_floor()))
        shop.store.knows(WANG, *OFFERS.values(), as_of=NOON)
        shop.till.handle(members.NameMember(WANG_PHONE))
        for product in ("MILK", "SHIRT", "GUM", "MILK", "SHIRT"):
            shop.till.handle(ask.AddProduct(product))
        shop.till.handle(members.UseBestCoupons())
        found = shop.store.open_basket()
        assert found is not None
        return replace(found, basket_id="same")

    assert run() == run()
