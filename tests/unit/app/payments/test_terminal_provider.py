"""Card payments over a terminal of the test's own, which says what the test wants when the test wants it."""

from dataclasses import dataclass, field, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments.card_terminal import (
    PROGRESS_SENTENCES,
    PurchaseRequest,
    RefundRequest,
    ReversalRequest,
    StatusRequest,
    TerminalAnswered,
    TerminalCapabilities,
    TerminalOperation,
    TerminalOutcome,
    TerminalProgress,
    TerminalPrompt,
    TerminalRequest,
    TerminalResult,
    TransactionReference,
    holds_card_number,
)
from app.payments.provider import ProviderAway, PurchaseOrder, RefundOrder, Verdict
from app.payments.terminal_provider import NOT_TAKEN, TerminalProvider
from app.payments.terminal_reference import LONGEST, reference_in, reference_text
from app.payments.terminal_transactions import MOST_KEPT, MOST_PROMPT_NEWS
from app.values.wording import wording

ORDER = PurchaseOrder("p1", 500, "CNY", "Corner shop", reversed_before=False)
ORIGINAL = TransactionReference("T1", "REF7", "2026-11-22T10:00:00+08:00")
REFUND = RefundOrder("p1", "r1", 200, 500, "CNY", original_reference=reference_text(ORIGINAL), sent_before=False)


def outcome(result: TerminalResult, amount_minor: int = 500, **more) -> TerminalOutcome:
    return TerminalOutcome(
        result, wording("So says the terminal."), amount_minor, "CNY", "A1", "411111******1111", "TOKEN", "visa", **more
    )


def approved(amount_minor: int = 500, original: TransactionReference | None = ORIGINAL) -> TerminalOutcome:
    return outcome(TerminalResult.APPROVED, amount_minor, original=original)


UNKNOWN = outcome(TerminalResult.UNKNOWN, 0)
DECLINED = outcome(TerminalResult.DECLINED, 0)


@dataclass
class Terminal:
    capabilities: TerminalCapabilities = field(default_factory=TerminalCapabilities)
    busy: bool = False
    requests: list[TerminalRequest] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    takes_cancel: bool = True

    def _take(self, request: TerminalRequest) -> bool:
        if self.busy:
            return False
        self.requests.append(request)
        return True

    def purchase(self, request: PurchaseRequest) -> bool:
        return self._take(request)

    def refund(self, request: RefundRequest) -> bool:
        return self._take(request)

    def reverse(self, request: ReversalRequest) -> bool:
        return self._take(request)

    def ask(self, request: StatusRequest) -> bool:
        return self._take(request)

    def cancel(self, attempt_id: str) -> bool:
        self.cancelled.append(attempt_id)
        return self.takes_cancel


@dataclass
class Counter:
    terminal: Terminal
    news: list[str]
    provider: TerminalProvider
    there: bool = True

    def answer(self, attempt_id: str, said: TerminalOutcome) -> None:
        self.provider.hear(TerminalAnswered("card_terminal", attempt_id, said))

    def prompt(self, progress: TerminalProgress, sentence=None) -> None:
        said = sentence or PROGRESS_SENTENCES[progress]
        self.provider.hear(TerminalPrompt("card_terminal", "p1", progress, said))


@pytest.fixture
def counter() -> Counter:
    terminal, news = Terminal(), []
    made = Counter(terminal, news, None)  # type: ignore[arg-type]
    made.provider = TerminalProvider(lambda: terminal if made.there else None, on_news=news.append)
    return made


def test_a_payment_is_begun_and_nobody_waits(counter) -> None:
    answer = counter.provider.pay(ORDER)
    assert answer.verdict is Verdict.PENDING
    assert counter.terminal.requests == [PurchaseRequest("p1", 500, "CNY")]
    counter.prompt(TerminalProgress.ENTER_PIN)
    assert str(counter.provider.query(ORDER).sentence) == "The customer is entering the PIN."
    counter.answer("p1", approved())
    said = counter.provider.query(ORDER)
    assert (said.verdict, said.amount_minor, said.payer) == (Verdict.APPROVED, 500, "visa 411111******1111")
    # 10:00 in the shop's zone is 02:00 UTC.
    assert said.at.isoformat() == "2026-11-22T02:00:00+00:00"
    assert counter.news == ["p1", "p1"]


def test_a_payment_is_sent_once_however_often_it_is_asked_for(counter) -> None:
    for _ in range(3):
        assert counter.provider.pay(ORDER).verdict is Verdict.PENDING
    assert len(counter.terminal.requests) == 1


@pytest.mark.parametrize("there", [True, False])
def test_a_terminal_that_takes_nothing_charges_nothing(counter, there: bool) -> None:
    counter.terminal.busy, counter.there = True, there
    for answer in (counter.provider.pay(ORDER), counter.provider.query(ORDER), counter.provider.reverse(ORDER)):
        assert (answer.verdict, answer.code) == (Verdict.DECLINED, NOT_TAKEN)
        assert ("busy" in str(answer.sentence)) is there
    assert counter.news == []


def test_a_payment_of_another_run_is_asked_about_and_never_begun(counter) -> None:
    assert counter.provider.query(ORDER).verdict is Verdict.UNKNOWN
    assert counter.provider.query(ORDER).verdict is Verdict.UNKNOWN
    assert counter.terminal.requests == [StatusRequest("p1", TerminalOperation.PURCHASE, 500, "CNY")]
    counter.answer("p1", approved())
    assert counter.provider.query(ORDER).verdict is Verdict.APPROVED


def test_a_question_that_the_terminal_has_no_time_for_is_put_again(counter) -> None:
    counter.terminal.busy = True
    answer = counter.provider.query(ORDER)
    assert (answer.verdict, answer.code) == (Verdict.UNKNOWN, NOT_TAKEN)
    counter.terminal.busy = False
    counter.provider.query(ORDER)
    assert len(counter.terminal.requests) == 1


def test_a_terminal_that_cannot_say_is_not_asked_in_a_circle(counter) -> None:
    counter.provider.pay(ORDER)
    counter.answer("p1", UNKNOWN)
    assert counter.news == ["p1"]
    assert counter.provider.query(ORDER).verdict is Verdict.UNKNOWN
    counter.answer("p1", UNKNOWN)
    # The same ignorance again is no news; the desk asks when its time has come.
    assert counter.news == ["p1"]
    answer = counter.provider.query(ORDER)
    assert str(answer.sentence) == "So says the terminal."
    assert sum(isinstance(one, StatusRequest) for one in counter.terminal.requests) == 2


def test_a_cancel_waits_for_the_terminals_word(counter) -> None:
    counter.provider.pay(ORDER)
    assert counter.provider.reverse(ORDER).verdict is Verdict.UNKNOWN
    assert counter.terminal.cancelled == ["p1"]
    counter.answer("p1", DECLINED)
    assert counter.provider.reverse(ORDER).verdict is Verdict.DECLINED


def test_a_cancel_that_the_terminal_is_not_at_any_more_finds_a_lost_answer(counter) -> None:
    counter.provider.pay(ORDER)
    counter.terminal.takes_cancel = False
    assert counter.provider.reverse(ORDER).verdict is Verdict.UNKNOWN
    assert counter.terminal.requests[-1] == StatusRequest("p1", TerminalOperation.PURCHASE, 500, "CNY")
    counter.answer("p1", approved())
    counter.answer("p1", UNKNOWN)
    # What was certain stays certain.
    assert counter.provider.query(ORDER).verdict is Verdict.APPROVED


def charged(counter) -> None:
    counter.provider.pay(ORDER)
    counter.answer("p1", approved())


def test_a_charge_is_reversed_once_under_a_name_of_its_own(counter) -> None:
    charged(counter)
    for _ in range(3):
        assert counter.provider.reverse(replace(ORDER, reversed_before=True)).verdict is Verdict.UNKNOWN
    assert counter.terminal.requests[1:] == [ReversalRequest("p1R", 500, "CNY", ORIGINAL)]
    counter.answer("p1R", approved())
    assert counter.news[-1] == "p1"
    assert counter.provider.reverse(ORDER).verdict is Verdict.REVERSED
    assert counter.provider.query(ORDER).verdict is Verdict.REVERSED


def test_a_reversal_that_finds_the_terminal_busy_is_begun_later(counter) -> None:
    charged(counter)
    counter.terminal.busy = True
    assert counter.provider.reverse(ORDER).code == NOT_TAKEN
    counter.terminal.busy = False
    counter.provider.reverse(replace(ORDER, reversed_before=True))
    assert counter.terminal.requests[1:] == [ReversalRequest("p1R", 500, "CNY", ORIGINAL)]


def test_a_declined_reversal_leaves_a_refund(counter) -> None:
    charged(counter)
    counter.provider.reverse(ORDER)
    counter.answer("p1R", DECLINED)
    answer = counter.provider.reverse(ORDER)
    assert (answer.verdict, answer.amount_minor) == (Verdict.APPROVED, 500)


def test_a_reversal_in_part_leaves_the_rest_to_a_refund(counter) -> None:
    charged(counter)
    counter.provider.reverse(ORDER)
    counter.answer("p1R", approved(200))
    answer = counter.provider.reverse(ORDER)
    assert (answer.verdict, answer.amount_minor) == (Verdict.APPROVED, 300)


def test_a_terminal_without_reversals_leaves_a_refund(counter) -> None:
    counter.terminal.capabilities = TerminalCapabilities(reversal=False)
    charged(counter)
    assert counter.provider.reverse(ORDER).verdict is Verdict.APPROVED
    assert len(counter.terminal.requests) == 1


def test_a_charge_without_a_reference_leaves_a_refund(counter) -> None:
    counter.provider.pay(ORDER)
    counter.answer("p1", approved(original=None))
    assert counter.provider.reverse(ORDER).verdict is Verdict.APPROVED
    refused = counter.provider.refund(replace(REFUND, original_reference=""))
    assert (refused.verdict, refused.code) == (Verdict.DECLINED, "NO-REFERENCE")


def test_a_reversal_whose_answer_was_lost_is_asked_about(counter) -> None:
    charged(counter)
    counter.provider.reverse(ORDER)
    counter.answer("p1R", UNKNOWN)
    assert counter.provider.reverse(ORDER).verdict is Verdict.UNKNOWN
    assert counter.terminal.requests[-1] == StatusRequest("p1R", TerminalOperation.REVERSAL, 500, "CNY")
    assert sum(isinstance(one, ReversalRequest) for one in counter.terminal.requests) == 1


def test_after_a_restart_a_reversal_that_may_have_been_sent_is_asked_about_and_not_sent(counter) -> None:
    again = replace(ORDER, reversed_before=True)
    counter.provider.reverse(again)
    counter.answer("p1", approved())
    assert counter.provider.reverse(again).verdict is Verdict.UNKNOWN
    assert counter.terminal.requests[-1] == StatusRequest("p1R", TerminalOperation.REVERSAL, 500, "CNY")
    counter.answer("p1R", UNKNOWN)
    counter.provider.reverse(again)
    assert not any(isinstance(one, ReversalRequest) for one in counter.terminal.requests)
    counter.answer("p1R", approved())
    assert counter.provider.query(again).verdict is Verdict.REVERSED


def test_after_a_restart_a_reversal_that_was_surely_not_sent_is_sent(counter) -> None:
    counter.provider.reverse(ORDER)
    counter.answer("p1", approved())
    counter.provider.reverse(replace(ORDER, reversed_before=True))
    assert counter.terminal.requests[-1] == ReversalRequest("p1R", 500, "CNY", ORIGINAL)


def test_a_refund_is_sent_once(counter) -> None:
    assert counter.provider.refund(REFUND).verdict is Verdict.PENDING
    assert counter.provider.refund(replace(REFUND, sent_before=True)).verdict is Verdict.PENDING
    assert counter.terminal.requests == [RefundRequest("r1", 200, "CNY", ORIGINAL)]
    counter.answer("r1", approved(200))
    assert counter.news == ["r1"]
    answer = counter.provider.query_refund(REFUND)
    assert (answer.verdict, answer.amount_minor) == (Verdict.APPROVED, 200)


def test_a_refund_of_another_run_is_asked_about(counter) -> None:
    again = replace(REFUND, sent_before=True)
    assert counter.provider.refund(again).verdict is Verdict.UNKNOWN
    assert counter.provider.query_refund(again).verdict is Verdict.UNKNOWN
    assert counter.terminal.requests == [StatusRequest("r1", TerminalOperation.REFUND, 200, "CNY")]


def test_a_refund_that_the_terminal_did_not_take_is_not_found_and_sent_later(counter) -> None:
    counter.terminal.busy = True
    assert counter.provider.refund(REFUND).verdict is Verdict.UNKNOWN
    again = replace(REFUND, sent_before=True)
    assert counter.provider.query_refund(again).verdict is Verdict.NOT_FOUND
    counter.terminal.busy = False
    assert counter.provider.refund(again).verdict is Verdict.PENDING


def test_a_terminal_that_gives_nothing_back_says_so(counter) -> None:
    counter.terminal.capabilities = TerminalCapabilities(refund=False)
    assert not counter.provider.capabilities.refund
    assert counter.provider.refund(REFUND).verdict is Verdict.DECLINED
    assert counter.terminal.requests == []


def test_what_it_can_do(counter) -> None:
    can = counter.provider.capabilities
    assert (can.terminal, can.shopper_code, can.merchant_code, can.reverse, can.bills) == (
        True,
        False,
        False,
        True,
        False,
    )
    assert (can.times.ask_every_s, can.times.ask_until_s, can.times.reverse_not_before_s) == (5, 120, 0)
    assert counter.provider.offer_code(ORDER).answer.verdict is Verdict.DECLINED
    with pytest.raises(ProviderAway):
        counter.provider.bill(date(2026, 11, 22))


def test_a_terminal_that_talks_without_end_does_not_keep_the_till_busy(counter) -> None:
    counter.provider.pay(ORDER)
    for number in range(500):
        counter.prompt(TerminalProgress.OTHER, wording("The card terminal: {words}", words=str(number)))
    assert len(counter.news) == MOST_PROMPT_NEWS
    assert "499" in str(counter.provider.query(ORDER).sentence)


def test_nothing_is_told_after_the_end_and_strangers_are_not_heard(counter) -> None:
    counter.answer("nobody", approved())
    counter.provider.pay(ORDER)
    counter.provider.close()
    counter.answer("p1", approved())
    assert counter.news == []


def test_what_is_long_over_is_asked_about_anew(counter) -> None:
    charged(counter)
    for number in range(MOST_KEPT):
        counter.provider.pay(replace(ORDER, provider_number=f"q{number}"))
        counter.answer(f"q{number}", DECLINED)
    assert counter.provider.query(ORDER).verdict is Verdict.UNKNOWN
    assert isinstance(counter.terminal.requests[-1], StatusRequest)


names = st.text(max_size=60)


@given(st.builds(TransactionReference, names, names, names))
def test_a_reference_comes_back_as_it_was_or_not_at_all(reference: TransactionReference) -> None:
    text = reference_text(reference)
    assert len(text) <= LONGEST
    assert text.isascii()
    assert not holds_card_number(text)
    if text:
        assert reference_in(text) == reference
    else:
        assert not reference.reference or len(repr(reference)) > 60 or holds_card_number(repr(reference))


@given(st.text(max_size=200))
def test_any_text_is_a_reference_or_none(text: str) -> None:
    found = reference_in(text)
    assert found is None or found.reference


def test_a_reference_that_does_not_fit_is_not_kept_in_part() -> None:
    assert reference_text(TransactionReference("T", "x" * 127, "")) == ""
    assert reference_text(TransactionReference("T", "4111111111111111", "")) == ""
    assert reference_text(None) == ""
    assert reference_in("") is None
