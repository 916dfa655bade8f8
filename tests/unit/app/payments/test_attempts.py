"""The payment attempt: every state times everything that can happen, against the table worked out by hand."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments import attempt_steps, attempts
from app.payments.attempt_record import (
    THE_TILL,
    AttemptState,
    Call,
    ExceptionKind,
    Moved,
    Operation,
    PaymentAttempt,
    masked_code_of,
    provider_number_of,
)
from app.payments.attempt_sentences import attempt_sentence, case_sentence
from app.payments.provider import Verdict
from tests.unit.app.payments.attempt_cases import (
    AMOUNT,
    LONG_AFTER,
    NOON,
    A,
    C,
    D,
    P,
    R,
    S,
    U,
    answer,
    purchase,
    refund,
)

STATES = (C, S, P, U, A, D, R)
WRONG, SAME = "wrong", "same"
Expected = AttemptState | str

SECOND = NOON + timedelta(seconds=5)


def say(call: Call, verdict: Verdict, amount_minor: int = 0, at=SECOND):
    return lambda one: attempts.answered(one, call, answer(verdict, amount_minor), at)


PURCHASE_STEPS = {
    "submitted": lambda one: attempts.submitted(one, SECOND),
    "not sent": attempts.not_sent,
    "resumed": lambda one: attempts.resumed(one, SECOND),
    "asking": lambda one: attempts.asking(one, SECOND),
    "reversing": lambda one: attempts.reversing(one, SECOND),
    "cannot reverse": lambda one: attempts.cannot_reverse(one, SECOND),
    "cancel": lambda one: attempts.cancel_asked(one, "007"),
    "help": lambda one: attempts.help_called(one, SECOND),
    "accept": lambda one: attempts.accepted_anyway(one, "900", "seen on the phone", SECOND),
    "give up": lambda one: attempts.given_up(one, "900", "shopper left", SECOND),
    "confirmed": lambda one: attempts.confirmed(one, "007", "FT1234", SECOND),
    "withdrawn": lambda one: attempts.withdrawn(one, "007", SECOND),
    "late approved": lambda one: attempts.heard_late(one, answer(Verdict.APPROVED, AMOUNT), SECOND),
    "late other": lambda one: attempts.heard_late(one, answer(Verdict.REVERSED), SECOND),
}
"""Everything that happens but answers."""

PURCHASE_TABLE: dict[str, tuple[Expected, ...]] = {
    #                   C      S      P      U      A      D      R
    "submitted":       (S,     WRONG, WRONG, WRONG, WRONG, WRONG, WRONG),
    "not sent":        (D,     D,     WRONG, WRONG, WRONG, WRONG, WRONG),
    "resumed":         (D,     U,     P,     U,     SAME,  SAME,  SAME),
    "asking":          (WRONG, S,     P,     U,     WRONG, WRONG, WRONG),
    "reversing":       (WRONG, S,     P,     U,     WRONG, WRONG, WRONG),
    "cannot reverse":  (WRONG, R,     R,     R,     WRONG, WRONG, WRONG),
    "cancel":          (D,     S,     P,     U,     SAME,  SAME,  SAME),
    "help":            (WRONG, S,     P,     U,     SAME,  SAME,  SAME),
    "accept":          (WRONG, A,     A,     A,     WRONG, WRONG, WRONG),
    "give up":         (D,     R,     R,     R,     WRONG, WRONG, WRONG),
    "confirmed":       (WRONG, WRONG, A,     A,     WRONG, WRONG, WRONG),
    "withdrawn":       (D,     R,     R,     R,     WRONG, WRONG, WRONG),
    "late approved":   (WRONG, WRONG, WRONG, WRONG, SAME,  SAME,  SAME),
    "late other":      (WRONG, WRONG, WRONG, WRONG, SAME,  SAME,  SAME),
}  # fmt: skip

REFUND_TABLE: dict[str, tuple[Expected, ...]] = {
    #                   C      S      P      U      A      D
    "submitted":       (S,     WRONG, WRONG, WRONG, WRONG, WRONG),
    "not sent":        (D,     WRONG, WRONG, WRONG, WRONG, WRONG),
    "resumed":         (SAME,  U,     SAME,  SAME,  SAME,  SAME),
    "asking":          (WRONG, S,     P,     U,     WRONG, WRONG),
    "reversing":       (WRONG, WRONG, WRONG, WRONG, WRONG, WRONG),
    "cannot reverse":  (WRONG, WRONG, WRONG, WRONG, WRONG, WRONG),
    "cancel":          (D,     SAME,  SAME,  SAME,  SAME,  SAME),
    "help":            (WRONG, S,     P,     U,     SAME,  SAME),
    "accept":          (WRONG, A,     A,     A,     WRONG, WRONG),
    "give up":         (D,     D,     D,     D,     WRONG, WRONG),
    "confirmed":       (WRONG, WRONG, WRONG, WRONG, WRONG, WRONG),
    "withdrawn":       (WRONG, WRONG, WRONG, WRONG, WRONG, WRONG),
    "late approved":   (WRONG, WRONG, WRONG, WRONG, WRONG, WRONG),
    "late other":      (WRONG, WRONG, WRONG, WRONG, WRONG, WRONG),
}  # fmt: skip

PAID: dict[Verdict, AttemptState] = {
    Verdict.APPROVED: A,
    Verdict.DECLINED: D,
    Verdict.PENDING: P,
    Verdict.NOT_FOUND: U,
    Verdict.REVERSED: R,
    Verdict.UNKNOWN: U,
}
PURCHASE_ANSWERS: dict[Call, dict[Verdict, AttemptState]] = {
    Call.PAY: PAID,
    Call.QUERY: PAID,
    Call.REVERSE: {
        Verdict.APPROVED: R,
        Verdict.DECLINED: D,
        Verdict.PENDING: U,
        Verdict.NOT_FOUND: U,
        Verdict.REVERSED: R,
        Verdict.UNKNOWN: U,
    },
}
"""The same from each of SUBMITTING, PENDING and UNKNOWN while nothing is known of a charge."""

REFUND_ANSWERS: dict[Call, dict[Verdict, AttemptState]] = {
    Call.REFUND: {
        Verdict.APPROVED: A,
        Verdict.DECLINED: D,
        Verdict.PENDING: P,
        Verdict.NOT_FOUND: U,
        Verdict.REVERSED: D,
        Verdict.UNKNOWN: U,
    },
    Call.QUERY_REFUND: {
        Verdict.APPROVED: A,
        Verdict.DECLINED: U,
        Verdict.PENDING: P,
        Verdict.NOT_FOUND: U,
        Verdict.REVERSED: U,
        Verdict.UNKNOWN: U,
    },
}


def check(step, before: PaymentAttempt, expected: Expected) -> Moved | None:
    if expected == WRONG:
        with pytest.raises(attempt_steps.WrongStep):
            step(before)
        return None
    moved = step(before)
    if expected == SAME:
        assert moved.attempt is before
        return moved
    assert moved.attempt.state is expected
    assert moved.attempt.revision == before.revision + 1
    kept = ("attempt_id", "provider_number", "basket_id", "amount_minor", "currency", "created_at", "refund_of")
    assert all(getattr(moved.attempt, name) == getattr(before, name) for name in kept)
    return moved


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.value)
@pytest.mark.parametrize("event", PURCHASE_TABLE)
def test_everything_that_happens_to_a_purchase(event: str, state: AttemptState) -> None:
    check(PURCHASE_STEPS[event], purchase(state), PURCHASE_TABLE[event][STATES.index(state)])


@pytest.mark.parametrize("state", STATES[:6], ids=lambda state: state.value)
@pytest.mark.parametrize("event", REFUND_TABLE)
def test_everything_that_happens_to_a_refund(event: str, state: AttemptState) -> None:
    check(PURCHASE_STEPS[event], refund(state), REFUND_TABLE[event][STATES.index(state)])


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.value)
@pytest.mark.parametrize("verdict", Verdict, ids=lambda verdict: verdict.value)
@pytest.mark.parametrize("call", Call, ids=lambda call: call.value)
def test_every_answer_to_a_purchase(call: Call, verdict: Verdict, state: AttemptState) -> None:
    possible = call in PURCHASE_ANSWERS and state in {S, P, U}
    expected = PURCHASE_ANSWERS[call][verdict] if possible else WRONG
    check(say(call, verdict, AMOUNT), purchase(state), expected)


@pytest.mark.parametrize("state", STATES[:6], ids=lambda state: state.value)
@pytest.mark.parametrize("verdict", Verdict, ids=lambda verdict: verdict.value)
@pytest.mark.parametrize("call", Call, ids=lambda call: call.value)
def test_every_answer_to_a_refund(call: Call, verdict: Verdict, state: AttemptState) -> None:
    possible = call in REFUND_ANSWERS and state in {S, P, U}
    expected: Expected = REFUND_ANSWERS[call][verdict] if possible else WRONG
    if possible and call is Call.QUERY_REFUND and verdict in {Verdict.DECLINED, Verdict.REVERSED} and state is P:
        expected = D  # the provider had taken it, so it knows
    check(say(call, verdict, 1000), refund(state), expected)


@pytest.mark.parametrize("state", [S, P, U])
@pytest.mark.parametrize("call", [Call.PAY, Call.QUERY])
def test_what_is_approved_after_a_cancel_is_taken_back_and_not_counted(call: Call, state: AttemptState) -> None:
    moved = check(say(call, Verdict.APPROVED, AMOUNT), purchase(state, cancel_by="007"), U)
    assert moved is not None
    assert (moved.attempt.approved_minor, moved.attempt.cancel_by) == (AMOUNT, "007")


@pytest.mark.parametrize("state", [S, P, U])
def test_another_amount_is_taken_back_and_a_person_sees_it(state: AttemptState) -> None:
    moved = check(say(Call.QUERY, Verdict.APPROVED, AMOUNT + 1), purchase(state), U)
    assert moved is not None
    assert [(case.kind, case.amount_minor) for case in moved.cases] == [(ExceptionKind.AMOUNT_DIFFERS, AMOUNT + 1)]
    assert moved.attempt.cancel_by == THE_TILL


@pytest.mark.parametrize("call", [Call.PAY, Call.QUERY])
def test_an_approval_of_nothing_is_no_answer(call: Call) -> None:
    moved = check(say(call, Verdict.APPROVED, 0), purchase(S), U)
    assert moved is not None
    assert (moved.cases, moved.attempt.approved_minor, moved.attempt.cancel_by) == ((), 0, "")
    assert say(Call.REFUND, Verdict.APPROVED, 0)(refund(S)).attempt.state is U


@pytest.mark.parametrize(
    ("call", "verdict", "expected"),
    [
        (Call.QUERY, Verdict.DECLINED, U),
        (Call.QUERY, Verdict.PENDING, U),
        (Call.QUERY, Verdict.NOT_FOUND, U),
        (Call.QUERY, Verdict.REVERSED, R),
        (Call.REVERSE, Verdict.REVERSED, R),
        (Call.REVERSE, Verdict.UNKNOWN, U),
        (Call.REVERSE, Verdict.NOT_FOUND, U),
    ],
)
def test_a_charge_that_was_seen_is_not_forgotten(call: Call, verdict: Verdict, expected: AttemptState) -> None:
    seen = purchase(U, cancel_by="007", approved_minor=AMOUNT, not_found=9)
    moved = check(say(call, verdict, at=LONG_AFTER), seen, expected)
    assert moved is not None
    assert moved.attempt.approved_minor == AMOUNT
    assert moved.refund is None


@pytest.mark.parametrize("verdict", [Verdict.APPROVED, Verdict.DECLINED])
def test_what_can_no_longer_be_reversed_is_refunded(verdict: Verdict) -> None:
    moved = check(say(Call.REVERSE, verdict), purchase(U, cancel_by="007", approved_minor=AMOUNT), R)
    assert moved is not None
    assert moved.refund is not None
    assert moved.refund.amount_minor == AMOUNT
    assert [case.kind for case in moved.cases] == [ExceptionKind.CANNOT_REVERSE]
    made = attempt_steps.refund_attempt(moved.refund, "refund-7", SECOND)
    assert (made.operation, made.refund_of, made.original_number) == (Operation.REFUND, "attempt-1", "attempt1")
    assert (made.amount_minor, made.original_minor, made.provider_number) == (AMOUNT, AMOUNT, "refund7")


def test_not_found_is_never_declined_and_ends_only_after_three_times_and_a_minute() -> None:
    one = purchase(U, cancel_by=THE_TILL)
    for second in (15, 20, 25, 30, 59):
        one = attempts.answered(one, Call.REVERSE, answer(Verdict.NOT_FOUND), NOON + timedelta(seconds=second)).attempt
        assert one.state is U
    late = NOON + timedelta(seconds=60)
    assert attempts.answered(one, Call.REVERSE, answer(Verdict.NOT_FOUND), late).attempt.state is R
    seldom = purchase(U, cancel_by=THE_TILL, not_found=1)
    assert attempts.answered(seldom, Call.REVERSE, answer(Verdict.NOT_FOUND), late).attempt.state is U
    # It was heard of in between: counting begins anew.
    heard = attempts.answered(one, Call.QUERY, answer(Verdict.PENDING), late).attempt
    assert heard.not_found == 0


def test_a_late_approval_changes_nothing_and_is_refunded_and_seen() -> None:
    for state in (R, D):
        over = purchase(state)
        moved = attempts.heard_late(over, answer(Verdict.APPROVED, AMOUNT), LONG_AFTER)
        assert moved.attempt is over
        assert [case.kind for case in moved.cases] == [ExceptionKind.LATE_APPROVAL]
        assert moved.refund is not None
        made = attempt_steps.refund_attempt(moved.refund, "refund-9", LONG_AFTER)
        assert (made.amount_minor, made.original_minor) == (AMOUNT, AMOUNT)
    paid = purchase(A)
    assert attempts.heard_late(paid, answer(Verdict.APPROVED, AMOUNT), LONG_AFTER) == Moved(paid)


def test_a_refund_of_another_amount_stands_as_it_is_and_is_seen() -> None:
    moved = check(say(Call.REFUND, Verdict.APPROVED, 900), refund(S), A)
    assert moved is not None
    assert moved.attempt.approved_minor == 900
    assert [case.kind for case in moved.cases] == [ExceptionKind.AMOUNT_DIFFERS]


def test_a_refund_that_the_till_wanted_and_did_not_get_is_seen() -> None:
    assert say(Call.REFUND, Verdict.DECLINED)(refund(S)).cases == ()
    cases = say(Call.REFUND, Verdict.DECLINED)(refund(S, asked_by=THE_TILL)).cases
    assert [case.kind for case in cases] == [ExceptionKind.REFUND_DECLINED]


@pytest.mark.parametrize("verdict", [Verdict.DECLINED, Verdict.REVERSED])
@pytest.mark.parametrize(("state", "call"), [(P, Call.REFUND), (P, Call.QUERY_REFUND), (U, Call.REFUND)])
def test_a_refund_that_is_declined_after_another_answer_is_seen_whoever_asked(
    state: AttemptState, call: Call, verdict: Verdict
) -> None:
    """Hours may have gone by: nobody stands at the receipt any more."""
    moved = check(say(call, verdict), refund(state), D)
    assert moved is not None
    assert [case.kind for case in moved.cases] == [ExceptionKind.REFUND_DECLINED]


def test_help_is_called_once_and_closed_when_the_provider_answers_after_all() -> None:
    called = attempts.help_called(purchase(U), SECOND)
    assert [case.kind for case in called.cases] == [ExceptionKind.UNRESOLVED]
    assert attempts.help_called(called.attempt, SECOND) == Moved(called.attempt)
    closed = say(Call.QUERY, Verdict.APPROVED, AMOUNT)(called.attempt).closed
    assert [one.case_id for one in closed] == [called.cases[0].case_id]
    decided = attempts.accepted_anyway(called.attempt, "900", "seen", SECOND)
    assert decided.closed == ()


def test_a_supervisor_gives_a_name_and_a_reason() -> None:
    for by, reason in (("", "why"), ("900", "  "), (" ", "why")):
        with pytest.raises(ValueError, match="a name and a reason"):
            attempts.accepted_anyway(purchase(U), by, reason, SECOND)
        with pytest.raises(ValueError, match="a name and a reason"):
            attempts.given_up(purchase(U), by, reason, SECOND)
    accepted = attempts.accepted_anyway(purchase(U), "900", "seen on the phone", SECOND)
    assert (accepted.attempt.decided_by, accepted.attempt.decision_reason) == ("900", "seen on the phone")
    assert [case.kind for case in accepted.cases] == [ExceptionKind.ACCEPTED_ANYWAY]
    given = attempts.given_up(purchase(U), "900", "shopper left", SECOND)
    assert [case.kind for case in given.cases] == [ExceptionKind.GIVEN_UP]


def test_a_persons_word_counts_as_the_providers_where_that_cannot_be_asked() -> None:
    seen = attempts.confirmed(purchase(P, provider_reference="QR-9"), "007", "F" * 50, SECOND)
    done = seen.attempt
    assert (done.approved_minor, done.last_code, done.decided_by) == (AMOUNT, "BY-HAND", "007")
    assert done.provider_reference == "F" * 40
    assert (seen.cases, seen.refund) == ((), None)
    assert attempts.confirmed(
        purchase(U, provider_reference="QR-9"), "007", " ", SECOND
    ).attempt.provider_reference == ("QR-9")
    with pytest.raises(ValueError, match="has a name"):
        attempts.confirmed(purchase(P), " ", "FT1", SECOND)
    with pytest.raises(attempt_steps.WrongStep):
        attempts.confirmed(purchase(U, cancel_by="007"), "008", "FT1", SECOND)


def test_what_nobody_saw_come_is_over_at_once_and_the_cashier_is_sent_to_the_banking_app() -> None:
    over = attempts.withdrawn(purchase(P), "007", SECOND)
    assert (over.attempt.cancel_by, over.attempt.decided_by, over.attempt.last_code) == ("007", "007", "NOT-SEEN")
    assert (over.cases, over.refund) == ((), None)
    assert "banking app" in str(attempt_sentence(over.attempt))
    assert "banking app" in str(attempt_sentence(purchase(P), by_hand=True))
    with pytest.raises(ValueError, match="has a name"):
        attempts.withdrawn(purchase(P), "", SECOND)
    with pytest.raises(attempt_steps.WrongStep):
        attempts.withdrawn(purchase(U, approved_minor=AMOUNT, cancel_by=THE_TILL), "007", SECOND)


@pytest.mark.parametrize("step", ["confirmed", "withdrawn"])
def test_a_persons_word_closes_the_call_for_help(step: str) -> None:
    called = attempts.help_called(purchase(U), SECOND)
    assert [one.case_id for one in PURCHASE_STEPS[step](called.attempt).closed] == [called.cases[0].case_id]


def test_a_cancel_names_who_asked_and_the_first_one_stays() -> None:
    with pytest.raises(ValueError, match="names who"):
        attempts.cancel_asked(purchase(P), "")
    once = attempts.cancel_asked(purchase(P), "007").attempt
    assert attempts.cancel_asked(once, "008").attempt is once


def test_the_till_that_was_started_again_gives_the_shopper_her_time_and_trusts_no_clock() -> None:
    assert attempts.resumed(purchase(P), LONG_AFTER).attempt.asking_since == LONG_AFTER
    # The clock may have been set forward while the till was down: the minute begins again.
    again = attempts.resumed(purchase(U, cancel_by="007", not_found=9), LONG_AFTER).attempt
    soon = attempts.answered(again, Call.REVERSE, answer(Verdict.NOT_FOUND), LONG_AFTER + timedelta(seconds=59))
    assert soon.attempt.state is U
    late = attempts.answered(again, Call.REVERSE, answer(Verdict.NOT_FOUND), LONG_AFTER + timedelta(seconds=60))
    assert late.attempt.state is R


def test_a_provider_takes_every_number_and_two_identities_never_give_the_same() -> None:
    assert provider_number_of("0192f0c1-7b1e-7c2d-9a3b-4c5d6e7f8091") == "0192f0c17b1e7c2d9a3b4c5d6e7f8091"
    for bad in ("", "abc", "x" * 33, "号码号码号码"):
        with pytest.raises(ValueError, match="6 to 32"):
            provider_number_of(bad)
        with pytest.raises(ValueError, match="6 to 32"):
            purchase(provider_number=bad)


def test_an_attempt_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="for an amount"):
        purchase(amount_minor=0)
    with pytest.raises(ValueError, match="names the attempt"):
        purchase(refund_of="attempt-0")
    with pytest.raises(ValueError, match="no more is given back"):
        refund(amount_minor=AMOUNT + 1)


def test_nothing_of_a_person_is_in_what_is_logged() -> None:
    shown = repr(purchase(masked_code="13******89", payer="oUpF8***"))
    assert "13**" not in shown
    assert "oUp" not in shown
    assert masked_code_of("134567890123456789") == "13******89"


@given(
    st.lists(
        st.sampled_from(
            [*PURCHASE_STEPS.values()]
            + [say(call, verdict, amount) for call in Call for verdict in Verdict for amount in (0, AMOUNT, 1)]
        ),
        max_size=30,
    )
)
def test_whatever_happens_a_final_state_stays_and_revisions_have_no_gaps(steps) -> None:
    one = purchase()
    for step in steps:
        before = one
        try:
            moved = step(one)
        except attempt_steps.WrongStep:
            continue
        one = moved.attempt
        assert one.revision - before.revision in {0, 1}
        assert (one is before) == (one.revision == before.revision)
        if before.final:
            assert one is before
        assert str(attempt_sentence(one))
        assert str(attempt_sentence(one, by_hand=True))
        assert all(str(case_sentence(case.kind)) for case in moved.cases)
        if one.state is A and not one.decided_by:
            assert (one.approved_minor, one.cancel_by) == (AMOUNT, "")


def test_the_table_in_the_docstring_names_everything_that_can_happen() -> None:
    told = attempts.__doc__ or ""
    for step in ("submitted", "not_sent", "resumed", "asking", "reversing", "cannot_reverse", "cancel_asked"):
        assert f"`{step}`" in told
    for step in ("help_called", "accepted_anyway", "given_up", "confirmed", "withdrawn", "heard_late"):
        assert f"`{step}" in told
    assert len(fields(PaymentAttempt)) == 34
    assert replace(purchase(), revision=1) == purchase()
