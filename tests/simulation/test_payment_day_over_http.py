"""A day of mixed payments with the real desk, store and providers over HTTP, and faults: the bills find every one.

One thousand payments make a day here; `GUITAI_WHOLE_DAY=1` makes it five thousand, which takes a minute or two.
"""

import os
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from app.payments.alipay.simulator import SimulatorKeys as AlipayKeys
from app.payments.alipay.simulator_faults import Call as AlipayCall
from app.payments.alipay.simulator_faults import Fault as AlipayFault
from app.payments.alipay.simulator_faults import Shopper as AlipayShopper
from app.payments.attempt_record import AttemptState, PaymentAttempt
from app.payments.day_end import DayResult, DayVerdict
from app.payments.desk_requests import Decision, SupervisorDecision
from app.payments.provider import BillKind, BillNotReady, Verdict
from app.payments.reconciliation import Standing
from app.payments.wechat.simulator_faults import Call as WechatCall
from app.payments.wechat.simulator_faults import Fault as WechatFault
from app.payments.wechat.simulator_faults import Shopper as WechatShopper
from app.payments.wechat.simulator_keys import SimulatorKeys as WechatKeys
from tests.simulation.day_shop import DAY, DayShop

PAYMENTS = 5_000 if os.environ.get("GUITAI_WHOLE_DAY") else 1_000
NEXT_DAY = DAY + timedelta(days=1)
WALLETS = ("wechat", "alipay")
CALLS = {"wechat": WechatCall, "alipay": AlipayCall}
FAULTS = {"wechat": WechatFault, "alipay": AlipayFault}
SHOPPERS = {"wechat": WechatShopper, "alipay": AlipayShopper}
REFUSED = {"wechat": "NOTENOUGH", "alipay": "ACQ.BUYER_BALANCE_NOT_ENOUGH"}
PAID, BACK = BillKind.PURCHASE, BillKind.REFUND


class Day:
    """Everything that happens on one day, in a seeded order."""

    def __init__(self, shop: DayShop, seed: int) -> None:
        self.shop = shop
        self.chance = Random(seed)

    def amount(self) -> int:
        return self.chance.randint(100, 80_000)

    def simulator(self, wallet: str):
        return self.shop.wechat if wallet == "wechat" else self.shop.alipay

    def sold(self, wallet: str, **more: object) -> PaymentAttempt:
        """A payment that is approved, and its sale."""
        attempt = self.shop.approved(wallet, self.amount(), **more)
        self.shop.sell(attempt)
        return attempt

    def given_back(self, attempt: PaymentAttempt, amount: int) -> PaymentAttempt:
        refund = self.shop.ended(self.shop.refund(attempt, amount))
        assert refund.state is AttemptState.APPROVED
        return refund

    def sold_and_given_back(self, wallet: str) -> tuple[PaymentAttempt, PaymentAttempt]:
        attempt = self.sold(wallet)
        return attempt, self.given_back(attempt, attempt.approved_minor // 3)

    # What happens every day and is nobody's affair.

    def shows_a_code(self, wallet: str) -> None:
        self.sold(wallet)

    def scans_the_shops_code(self, wallet: str) -> None:
        self.sold(wallet, shown=True)

    def keys_a_password(self, wallet: str) -> None:
        self.sold(wallet, shopper=SHOPPERS[wallet](keys_password_after=self.chance.randint(1, 2)))

    def pays_half_in_cash(self, wallet: str) -> None:
        self.shop.sell(self.shop.approved(wallet, self.amount()), cash=1_000)

    def pays_with_both_wallets(self, wallet: str) -> None:
        other = "alipay" if wallet == "wechat" else "wechat"
        self.shop.sell(self.shop.approved(wallet, self.amount()), self.shop.approved(other, self.amount()))

    def is_refused_and_pays_cash(self, wallet: str) -> None:
        attempt = self.shop.pay(wallet, self.amount(), SHOPPERS[wallet](refused_with=REFUSED[wallet]))
        assert attempt.state is AttemptState.DECLINED
        self.shop.sell(cash=1_000)

    def walks_away(self, wallet: str) -> None:
        attempt = self.shop.pay(wallet, self.amount(), SHOPPERS[wallet](never_confirms=True))
        assert attempt.state is AttemptState.REVERSED

    def is_cancelled(self, wallet: str) -> None:
        attempt = self.held(wallet)
        self.shop.desk.cancel(attempt, "007")
        assert self.released(attempt).state is AttemptState.REVERSED

    def pays_while_cancelled(self, wallet: str) -> None:
        attempt = self.held(wallet, SHOPPERS[wallet](never_confirms=True, pays_while_cancelled=True))
        self.shop.desk.cancel(attempt, "007")
        assert self.released(attempt).state is AttemptState.REVERSED

    def brings_it_back_whole(self, wallet: str) -> None:
        attempt = self.sold(wallet)
        self.given_back(attempt, attempt.approved_minor)

    def brings_parts_back(self, wallet: str) -> None:
        attempt = self.sold(wallet)
        for _ in range(self.chance.randint(1, 3)):
            self.given_back(attempt, attempt.approved_minor // 4)

    def changes_their_mind(self, wallet: str) -> None:
        """The tender is handed back before the sale; no sale comes of it."""
        attempt = self.shop.approved(wallet, self.amount())
        self.given_back(attempt, attempt.approved_minor)

    # What goes wrong on the line, and comes right by itself.

    def answer_is_lost(self, wallet: str) -> None:
        self.simulator(wallet).fail(CALLS[wallet].PAY, FAULTS[wallet].LOSES_ANSWER)
        self.sold(wallet)

    def answer_is_nonsense(self, wallet: str) -> None:
        self.simulator(wallet).fail(CALLS[wallet].PAY, FAULTS[wallet].HTML)
        self.sold(wallet)

    def answer_tells_another_amount(self, wallet: str) -> None:
        """Of such a payment nothing is assumed: it is taken back."""
        self.simulator(wallet).fail(CALLS[wallet].PAY, FAULTS[wallet].OTHER_AMOUNT)
        attempt = self.shop.pay(wallet, self.amount())
        if attempt.state is AttemptState.APPROVED:
            self.shop.sell(attempt)

    def request_is_lost(self, wallet: str) -> None:
        self.simulator(wallet).fail(CALLS[wallet].PAY, FAULTS[wallet].LOSES_REQUEST)
        assert self.shop.pay(wallet, self.amount()).state is AttemptState.REVERSED

    def answer_to_the_refund_is_lost(self, wallet: str) -> None:
        self.simulator(wallet).fail(CALLS[wallet].REFUND, FAULTS[wallet].LOSES_ANSWER)
        self.sold_and_given_back(wallet)

    def shopper_pays_late(self, _wallet: str) -> None:
        """Alipay's code stays good for five minutes: paid after the till gave it up, the till gives it back."""
        number = self.shop.begin("alipay", self.amount(), shown=True, scanned=False)
        ended = self.shop.ended(number)
        assert ended.state is AttemptState.REVERSED
        assert self.shop.alipay.shopper_pays(ended.provider_number)
        self.shop.let_go_by(timedelta(seconds=90))
        assert self.shop.alipay.net_minor(ended.provider_number) == 0

    # What must be found.

    def held(self, wallet: str, shopper: object = None) -> str:
        """Begin a payment that waits for its shopper, and stop the time."""
        self.shop.holds = True
        attempt_id = self.shop.begin(wallet, self.amount(), shopper or SHOPPERS[wallet](never_confirms=True))
        self.shop.reaches(attempt_id, AttemptState.PENDING)
        return attempt_id

    def released(self, attempt_id: str) -> PaymentAttempt:
        self.shop.holds = False
        self.shop.desk.nudge()
        return self.shop.ended(attempt_id)

    def decided(self, attempt_id: str, decision: Decision) -> PaymentAttempt:
        self.shop.desk.decide(SupervisorDecision(attempt_id, decision, "900", "顾客已付款"))
        return self.released(attempt_id)

    def accepted_anyway_and_never_paid(self, wallet: str) -> None:
        attempt = self.decided(self.held(wallet), Decision.ACCEPT_ANYWAY)
        self.shop.sell(attempt)
        self.shop.expect(wallet, Standing.RECORDED_NOT_PAID, attempt.provider_number)

    def accepted_anyway_and_never_sold(self, wallet: str) -> None:
        attempt = self.decided(self.held(wallet), Decision.ACCEPT_ANYWAY)
        self.shop.expect(wallet, Standing.UNRESOLVED, attempt.provider_number)

    def sale_without_a_payment(self, wallet: str) -> None:
        made_up = replace(self.shop.approved(wallet, self.amount()), attempt_id=self.shop.identities.new())
        self.shop.sell(made_up)
        self.shop.expect(wallet, Standing.RECORDED_NOT_PAID, made_up.attempt_id)
        self.shop.expect(wallet, Standing.PAID_NOT_RECORDED, made_up.provider_number)

    def sale_never_finished(self, wallet: str) -> None:
        self.shop.expect(wallet, Standing.PAID_NOT_RECORDED, self.shop.approved(wallet, self.amount()).provider_number)

    def record_is_cut_away(self, wallet: str) -> None:
        order = self.shop.order_beside(wallet, self.amount())
        provider = self.shop.made()[wallet]
        assert provider.pay(order).verdict is Verdict.APPROVED
        provider.close()
        self.shop.expect(wallet, Standing.PAID_NOT_RECORDED, order.provider_number)

    def one_payment_for_two_sales(self, wallet: str) -> None:
        attempt = self.sold(wallet)
        self.shop.sell(attempt)
        self.shop.expect(wallet, Standing.RECORDED_TWICE, attempt.provider_number)

    def charged_another_amount(self, wallet: str) -> None:
        attempt = self.sold(wallet)
        self.change(wallet, self.shop.entry(wallet, PAID, attempt.provider_number), self.chance.choice([-1, 1, 100]))
        self.shop.expect(wallet, Standing.AMOUNT_DIFFERS, attempt.provider_number)

    def change(self, wallet: str, place: int, by: int) -> None:
        ledger = self.shop.ledger(wallet)
        ledger[place] = replace(ledger[place], amount_minor=ledger[place].amount_minor + by)

    def listed_twice(self, wallet: str) -> None:
        attempt = self.sold(wallet)
        ledger = self.shop.ledger(wallet)
        ledger.append(ledger[self.shop.entry(wallet, PAID, attempt.provider_number)])
        self.shop.expect(wallet, Standing.LISTED_TWICE, attempt.provider_number)

    def charged_twice(self, wallet: str) -> None:
        attempt = self.sold(wallet)
        self.again(wallet, self.shop.entry(wallet, PAID, attempt.provider_number))
        self.shop.expect(wallet, Standing.CHARGED_TWICE, attempt.provider_number)

    def again(self, wallet: str, place: int) -> None:
        """The provider does the same once more, as a transaction of its own."""
        entry = self.shop.ledger(wallet)[place]
        more = {"trade_number": f"9{entry.trade_number[1:]}"} if wallet == "alipay" else {
            "transaction_id": f"9{entry.transaction_id[1:]}",
            "refund_id": entry.refund_id and f"9{entry.refund_id[1:]}",
        }  # fmt: skip
        self.shop.ledger(wallet).append(replace(entry, **more))

    def taken_back_at_the_portal(self, wallet: str) -> None:
        attempt = self.sold(wallet)
        self.shop.let_go_by(timedelta(seconds=20))
        provider = self.shop.made()[wallet]
        order = replace(self.shop.order_beside(wallet, attempt.amount_minor), provider_number=attempt.provider_number)
        assert provider.reverse(replace(order, shopper_code="")).verdict is Verdict.REVERSED
        provider.close()
        self.shop.expect(wallet, Standing.TAKEN_BACK_BUT_RECORDED, attempt.provider_number)

    def refund_accepted_anyway(self, wallet: str) -> None:
        attempt = self.sold(wallet)
        self.simulator(wallet).fail(CALLS[wallet].REFUND, FAULTS[wallet].LOSES_REQUEST)
        self.shop.holds = True
        refund = self.shop.refund(attempt, 50)
        self.shop.reaches(refund, AttemptState.UNKNOWN)
        ended = self.decided(refund, Decision.ACCEPT_ANYWAY)
        self.shop.expect(wallet, Standing.REFUND_NOT_PAID_OUT, attempt.provider_number, ended.provider_number)

    def refunded_at_the_portal(self, wallet: str) -> None:
        attempt, refund = self.sold_and_given_back(wallet)
        place = self.shop.entry(wallet, BACK, attempt.provider_number, refund.provider_number)
        other = replace(self.shop.ledger(wallet)[place], refund_number=self.shop.identities.new())
        self.shop.ledger(wallet).append(other)
        self.shop.expect(wallet, Standing.REFUND_NOT_RECORDED, attempt.provider_number, other.refund_number)

    def refunded_another_amount(self, wallet: str) -> None:
        attempt, refund = self.sold_and_given_back(wallet)
        self.change(wallet, self.shop.entry(wallet, BACK, attempt.provider_number, refund.provider_number), -1)
        self.shop.expect(wallet, Standing.REFUND_DIFFERS, attempt.provider_number, refund.provider_number)

    def refunded_twice(self, wallet: str) -> None:
        attempt, refund = self.sold_and_given_back(wallet)
        self.again(wallet, self.shop.entry(wallet, BACK, attempt.provider_number, refund.provider_number))
        self.shop.expect(wallet, Standing.REFUNDED_TWICE, attempt.provider_number, refund.provider_number)

    def refunded_too_much(self, wallet: str) -> None:
        """A second transaction of a refund of nine tenths: 180 % of what was paid."""
        attempt = self.sold(wallet)
        refund = self.given_back(attempt, attempt.approved_minor * 9 // 10)
        self.again(wallet, self.shop.entry(wallet, BACK, attempt.provider_number, refund.provider_number))
        self.shop.expect(wallet, Standing.REFUNDED_TWICE, attempt.provider_number, refund.provider_number)
        self.shop.expect(wallet, Standing.REFUNDED_TOO_MUCH, attempt.provider_number)

    # The day.

    def usual(self) -> Callable[[str], None]:
        return self.chance.choices(
            (
                self.shows_a_code, self.scans_the_shops_code, self.keys_a_password, self.pays_half_in_cash,
                self.pays_with_both_wallets, self.is_refused_and_pays_cash, self.walks_away, self.is_cancelled,
                self.pays_while_cancelled, self.brings_it_back_whole, self.brings_parts_back, self.changes_their_mind,
            ),
            weights=(640, 150, 60, 40, 20, 15, 8, 8, 4, 20, 20, 15),
        )[0]  # fmt: skip

    def faults(self) -> list[Callable[[str], None]]:
        """Everything that must be named, one in a hundred payments; all of it for each wallet on a whole day."""
        kinds = [
            self.accepted_anyway_and_never_paid, self.accepted_anyway_and_never_sold, self.sale_without_a_payment,
            self.sale_never_finished, self.record_is_cut_away, self.one_payment_for_two_sales,
            self.charged_another_amount, self.listed_twice, self.charged_twice, self.taken_back_at_the_portal,
            self.refund_accepted_anyway, self.refunded_at_the_portal, self.refunded_another_amount,
            self.refunded_twice, self.refunded_too_much,
        ]  # fmt: skip
        troubles = [
            self.answer_is_lost, self.answer_is_nonsense, self.answer_tells_another_amount, self.request_is_lost,
            self.answer_to_the_refund_is_lost, self.shopper_pays_late,
        ]  # fmt: skip
        return kinds * (PAYMENTS // 100 // len(kinds) or 1) + troubles

    def happens(self) -> None:
        """Play it from seven in the morning to ten at night."""
        steps = self.faults()
        while len(steps) < PAYMENTS:
            steps.append(self.usual())
        self.chance.shuffle(steps)
        apart = timedelta(hours=15) / PAYMENTS
        opened = self.shop.clock.now()
        for number, step in enumerate(steps):
            step(WALLETS[number % 2])
            # What took its time, such as a shopper who walked away, is made up for by those who follow.
            behind = opened + (number + 1) * apart - self.shop.clock.now()
            if behind > timedelta():
                self.shop.clock.advance(behind)


@pytest.fixture(scope="module")
def keys() -> tuple[object, object]:
    return WechatKeys.generate(), AlipayKeys.generate()


@pytest.fixture
def shop(tmp_path: Path, keys: tuple[object, object]) -> Iterator[DayShop]:
    made = DayShop(tmp_path, 20_260_301, keys)
    yield made
    made.close()


def named(*results: DayResult) -> Counter:
    return Counter(
        (result.provider_id, item.kind, item.provider_number, item.refund_number)
        for result in results
        for item in result.worklist
    )


def go_on_to(shop: DayShop, day: date, hour: int) -> None:
    """Set the clock while the till is closed; China is eight hours ahead."""
    from datetime import UTC, datetime

    shop.clock.advance(datetime(day.year, day.month, day.day, hour, tzinfo=UTC) - timedelta(hours=8) - shop.clock.now())


def test_a_days_bills_name_every_difference_and_no_other(shop: DayShop, record_property) -> None:
    day = Day(shop, 7)
    began = time.perf_counter()
    day.happens()

    # At the day's end: two are given up while the shopper pays, and one refund waits for a provider that is away.
    for wallet in WALLETS:
        attempt = day.decided(day.held(wallet), Decision.GIVE_UP)
        assert day.simulator(wallet).shopper_pays(attempt.provider_number)
        shop.expect(wallet, Standing.PAID_NOT_RECORDED, attempt.provider_number)
    attempt = day.sold("wechat")
    shop.wechat.fail(WechatCall.REFUND, WechatFault.LOSES_REQUEST, None)
    shop.holds = True
    waiting = shop.refund(attempt, attempt.approved_minor)
    shop.reaches(waiting, AttemptState.UNKNOWN)
    shop.expect("wechat", Standing.UNRESOLVED, attempt.provider_number, waiting)
    shop.close_till()
    shop.holds = False
    record_property("payments", shop.payments)
    record_property("day_seconds", round(time.perf_counter() - began, 1))

    # On the day itself there is no bill yet, and that is no difference.
    early = shop.reconcile("wechat", DAY)
    assert (early.verdict, type(early.trouble)) == (DayVerdict.NOT_DONE, BillNotReady)

    go_on_to(shop, NEXT_DAY, 11)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    results = [shop.reconcile(wallet, DAY) for wallet in WALLETS]
    record_property("reconcile_seconds", round(time.perf_counter() - began, 2))
    record_property("more_memory_kb", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb)
    record_property("differences", sum(shop.expected.values()))
    assert [result.trouble for result in results] == [None, None]
    assert named(*results) - shop.expected == Counter(), "nothing is invented"
    assert shop.expected - named(*results) == Counter(), "nothing is missed"
    assert [result.verdict for result in results] == [DayVerdict.DIFFERENCES] * 2
    for result in results:
        # The simulator's own ledger, added up here in another way.
        moved = [one for one in shop.ledger(result.provider_id) if one.at < shop.clock.now() - timedelta(hours=11)]
        charged = sum(one.amount_minor for one in moved if one.kind is PAID)
        assert result.sums.charged_minor == charged
        assert result.sums.refunded_minor == sum(one.amount_minor for one in moved) - charged

    # On the next day the refund goes out, and the payments that were given up are found and given back.
    shop.wechat.mend()
    shop._open.add(waiting)
    shop.open_till()
    shop.ended(waiting)
    shop.let_go_by(timedelta(minutes=7))
    go_on_to(shop, NEXT_DAY, 23)
    over_midnight = {wallet: day_last(shop, wallet) for wallet in WALLETS}
    go_on_to(shop, NEXT_DAY + timedelta(days=1), 11)
    second = [shop.reconcile(one.provider_id, NEXT_DAY, one.carried) for one in results]
    assert named(*second) == Counter(
        {(wallet, Standing.AT_BORDER, number, ""): 1 for wallet, number in over_midnight.items()}
    )
    assert [one.verdict for one in second] == [DayVerdict.WAITING] * 2
    assert second[0].reconciliation.total(Standing.REFUNDED_AND_RECORDED).count == 1
    assert [one.reconciliation.total(Standing.TAKEN_BACK).count for one in second] == [1, 1]

    # And what was asked for before midnight and paid after it is in the bill of the third day.
    go_on_to(shop, NEXT_DAY + timedelta(days=2), 11)
    third = [shop.reconcile(one.provider_id, NEXT_DAY + timedelta(days=1), one.carried) for one in second]
    assert [one.verdict for one in third] == [DayVerdict.CLEAN] * 2
    assert [one.reconciliation.total(Standing.PAID_AND_RECORDED).count for one in third] == [1, 1]


def day_last(shop: DayShop, wallet: str) -> str:
    """A payment that is asked for seconds before midnight and paid after it."""
    shop.clock.advance(timedelta(minutes=59, seconds=50) if wallet == "wechat" else timedelta(seconds=-14))
    attempt = shop.approved(wallet, 4_321, SHOPPERS[wallet](keys_password_after=2))
    shop.sell(attempt)
    return attempt.provider_number
