"""Whatever goes wrong, in whatever order: the bank booked what the till believes, and nothing twice."""

from decimal import Decimal
from functools import partial
from types import SimpleNamespace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.payments.card_terminal import PurchaseRequest, TerminalResult
from hardware.simulated.card_terminal import TerminalFault
from hardware.simulated.device import Trouble
from hardware.terminals.worker import TerminalLimits

LIMITS = TerminalLimits(
    answer_within_s=0.6, resolve_within_s=0.6, ask_again_s=0.03, ask_while_paying_s=0.1, silent_s=0.3, check_s=0.03
)

mishaps = st.tuples(
    st.sets(st.sampled_from(sorted(set(TerminalFault) - {TerminalFault.REFUSES_TILL}, key=str)), max_size=2),
    st.none() | st.sampled_from(Trouble),
    st.sampled_from(["nothing", "unplug", "switch_off", "cancel"]),
)


def customer_pays(shop: SimpleNamespace, attempt: str) -> bool:
    return bool(shop.ear.answers(attempt)) or shop.terminal.present_card()


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(mishaps, min_size=1, max_size=3))
def test_the_bank_booked_what_the_till_believes(counter, line: str, happened: list) -> None:
    shop = counter(LIMITS)
    shop.worker.start()
    believed: dict[str, tuple[TerminalResult, int]] = {}
    for number, (faults, trouble, then) in enumerate(happened):
        attempt = f"attempt-{number}"
        shop.terminal.fail(*faults)
        shop.terminal.suffer(*([trouble] if trouble else []))
        assert shop.worker.purchase(PurchaseRequest(attempt, 1000 + number, "CNY"))
        shop.ear.wait(partial(customer_pays, shop, attempt), 0.4)
        if then == "cancel":
            shop.worker.cancel(attempt)
        elif then != "nothing":
            getattr(shop.terminal, then)()
        outcome = shop.ear.outcome(attempt)
        believed[attempt] = (outcome.result, outcome.approved_minor)
        shop.terminal.plug_in()
        shop.terminal.switch_on()
        # A customer who waits no longer takes the card away; what was open at the terminal is given up there.
        shop.terminal.press_cancel()
    booked = shop.terminal.ledger
    for attempt, (result, approved_minor) in believed.items():
        charges = [charge.amount for charge in booked if charge.sale_reference == attempt]
        assert len(charges) <= 1
        if result is TerminalResult.APPROVED:
            assert charges == [Decimal(approved_minor) / 100]
        elif result is TerminalResult.DECLINED:
            assert charges == []
