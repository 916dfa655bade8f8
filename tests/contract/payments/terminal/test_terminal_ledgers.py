"""Whatever goes wrong, in whatever order, with the till killed in between: what the bank booked is what the till believes."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.payments.attempt_record import AttemptState
from hardware.simulated.card_terminal import TerminalFault
from hardware.terminals.worker import TerminalLimits
from hardware.worker import DeviceState

LIMITS = TerminalLimits(
    answer_within_s=0.8, resolve_within_s=0.3, ask_again_s=0.03, ask_while_paying_s=0.1, silent_s=0.3, check_s=0.03
)
CHARGING_FAULTS = [
    TerminalFault.DECLINES,
    TerminalFault.HOLDS_ANSWER,
    TerminalFault.LOSES_ANSWER,
    TerminalFault.DOUBLES_ANSWER,
    TerminalFault.OTHER_AMOUNT,
    TerminalFault.OTHER_TERMINAL,
    TerminalFault.DIES_BEFORE_CHARGING,
    TerminalFault.DIES_AFTER_CHARGING,
]
mishaps = st.tuples(
    st.none() | st.sampled_from(CHARGING_FAULTS),
    st.lists(st.sampled_from(["present", "cancel", "unplug", "plug_in", "step", "kill", "let_go", "well"]), max_size=7),
)


def happens(till, name: str, what: str) -> None:
    match what:
        case "present":
            till.wait(lambda: till.terminal.present_card() or till.stored[name].final, 0.2)
        case "cancel":
            till.cancel(name)
        case "step":
            till.step(name)
        case "kill":
            till.restart()
        case "well":
            till.terminal.fail()
        case _:
            getattr(till.terminal, what)()


@pytest.mark.slow
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(mishaps, min_size=1, max_size=2))
def test_the_bank_booked_what_the_till_believes(make_till, happened: list) -> None:
    till = make_till(limits=LIMITS)
    for number, (fault, events) in enumerate(happened):
        name = f"attempt-{number}"
        till.terminal.fail(*([fault] if fault else []))
        till.begin(name, 1000 + number)
        for what in events:
            happens(till, name, what)
        # The trouble ends: the cable is in, the power is on, the customer has gone.
        till.terminal.fail()
        till.terminal.let_go()
        till.terminal.plug_in()
        till.terminal.switch_on()
        assert till.is_(DeviceState.READY)
        till.terminal.press_cancel()
        till.carry_on(lambda name=name: till.stored[name].final or till.stored[name].help_called, name)
        for back in [one for one in till.stored if one.endswith("-back")]:
            till.terminal.leave_card()
            till.carry_on(lambda back=back: till.stored[back].final or till.stored[back].help_called, back)
            till.terminal.leave_card(None)
    booked = [(charge.sale_reference, charge.kind) for charge in till.terminal.ledger]
    assert len(booked) == len(set(booked)), booked
    for name, one in till.stored.items():
        if name in till.looked_at or name.endswith("-back"):
            continue
        # Nobody has to look at it: then it is certain, and the bank has booked just that.
        assert one.final
        mine = {one.provider_number, f"{one.provider_number}R"}
        net = sum(int(charge.amount * 100) for charge in till.terminal.ledger if charge.sale_reference in mine)
        assert net == (one.approved_minor if one.state is AttemptState.APPROVED else 0)
