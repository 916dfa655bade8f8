"""What the cashier's keys ask of the till, without a window."""

from dataclasses import replace
from typing import Any

import pytest

from app.checkout import requests as ask
from app.checkout.views import Notice, Phase, SearchView, Severity, TenderChoice, TillView
from app.sales.basket import DiscountKind
from app.values.speech import ENGLISH
from app.values.wording import LocalizedText, wording
from ui.presenters.cashier import CashierPresenter
from ui.presenters.customer_display import CustomerMode, CustomerPresenter
from ui.presenters.panes import Pane
from ui.presenters.rows import RowKind, RowWriter
from ui.presenters.shortcuts import SHORTCUTS, Action, action_of


@pytest.fixture
def presenter() -> CashierPresenter:
    return CashierPresenter()


def show(presenter: CashierPresenter, view: TillView) -> bool:
    taken = presenter.accept(view)
    presenter.accept_rows(RowWriter().rows(presenter.view.basket, ENGLISH))
    return taken


def with_milk(till: Any, presenter: CashierPresenter, count: int = 2) -> TillView:
    view = till.view()
    for _ in range(count):
        view = till.handle(ask.AddProduct("6901234567892"))
    show(presenter, view)
    return view


def test_an_older_view_is_not_taken(till: Any, presenter: CashierPresenter) -> None:
    newer = with_milk(till, presenter)
    assert not show(presenter, replace(newer, revision=newer.revision - 1))
    assert presenter.view is newer


def test_pay_asks_for_payment_and_again_for_the_exact_amount_in_cash(till: Any, presenter: CashierPresenter) -> None:
    with_milk(till, presenter)
    begin = presenter.perform(Action.PAY)
    assert begin == ask.BeginPayment()
    show(presenter, till.handle(begin))
    assert presenter.pane is Pane.TENDER
    assert presenter.perform(Action.PAY) == ask.TakeTender("cash")


def paying(till: Any, presenter: CashierPresenter, choices: tuple[TenderChoice, ...]) -> None:
    with_milk(till, presenter)
    view = till.handle(ask.BeginPayment())
    show(presenter, replace(view, payment=replace(view.payment, choices=choices)))


CARD = TenderChoice("card", LocalizedText("银行卡"), change_given=False, reference_required=False)
CASH_KEY = TenderChoice("cash", LocalizedText("现金"), change_given=True, reference_required=False)


def test_exact_cash_is_cash_wherever_its_key_stands(till: Any, presenter: CashierPresenter) -> None:
    paying(till, presenter, (CARD, CASH_KEY))
    assert presenter.perform(Action.PAY) == ask.TakeTender("cash")


def test_exact_cash_takes_nothing_else_where_cash_cannot_be_taken_and_says_why(
    till: Any, presenter: CashierPresenter
) -> None:
    why = wording("The cash drawer is locked.")
    paying(till, presenter, (CARD, replace(CASH_KEY, unavailable=why)))
    assert presenter.perform(Action.PAY) is None
    assert presenter.notice == Notice(Severity.WARNING, why)


def test_exact_cash_takes_nothing_else_where_the_till_takes_no_cash(till: Any, presenter: CashierPresenter) -> None:
    paying(till, presenter, (CARD,))
    assert presenter.perform(Action.PAY) is None
    assert presenter.notice is not None
    assert "Cash is not taken" in str(presenter.notice.sentence)


def test_pay_with_an_empty_basket_says_why_not(presenter: CashierPresenter) -> None:
    assert presenter.perform(Action.PAY) is None
    assert presenter.notice is not None
    assert "empty" in str(presenter.notice.sentence)


def test_void_takes_the_selected_line_back(till: Any, presenter: CashierPresenter) -> None:
    with_milk(till, presenter)
    presenter.move_selection(-1)
    assert presenter.perform(Action.VOID_LINE) == ask.VoidLine(1)


def test_quantity_changes_the_line_and_without_one_counts_for_the_next(till: Any, presenter: CashierPresenter) -> None:
    assert presenter.submit_quantity("3") == ask.ArmQuantity("3")
    with_milk(till, presenter)
    assert presenter.submit_quantity("3") == ask.ChangeQuantity(2, "3")


def test_a_pane_closes_when_the_till_took_it_and_stays_when_it_did_not(till: Any, presenter: CashierPresenter) -> None:
    view = with_milk(till, presenter)
    presenter.perform(Action.QUANTITY)
    presenter.submit_quantity("0")
    refused = Notice(Severity.BAD, wording("A quantity must be more than zero."), "BAD-QUANTITY")
    show(presenter, replace(view, notice=refused, revision=view.revision + 1))
    assert presenter.pane is Pane.QUANTITY
    presenter.submit_quantity("2")
    show(presenter, replace(view, revision=view.revision + 2))
    assert presenter.pane is Pane.QUICK_KEYS


def test_a_scan_while_a_pane_is_open_leaves_it_open(till: Any, presenter: CashierPresenter) -> None:
    with_milk(till, presenter)
    presenter.perform(Action.DISCOUNT)
    show(presenter, till.handle(ask.AddProduct("6901234567892")))
    assert presenter.pane is Pane.DISCOUNT


def test_esc_leaves_the_nearest_thing_first(till: Any, presenter: CashierPresenter) -> None:
    with_milk(till, presenter)
    show(presenter, till.handle(ask.BeginPayment()))
    presenter.say(Notice(Severity.WARNING, wording("Look")))
    assert presenter.back() is None
    assert presenter.notice is None
    assert presenter.back() == ask.LeavePayment()


def test_esc_declines_a_question(till: Any, presenter: CashierPresenter) -> None:
    show(presenter, till.handle(ask.AddProduct("4131")))
    assert presenter.pane is Pane.QUESTION
    assert presenter.perform(Action.PAY) is None
    assert presenter.perform(Action.BACK) == ask.DeclineQuestion()


def test_a_discount_goes_to_the_line_or_to_the_basket(till: Any, presenter: CashierPresenter) -> None:
    with_milk(till, presenter)
    line = presenter.submit_discount(DiscountKind.PERCENT, "10", "Goodwill", on_line=True)
    basket = presenter.submit_discount(DiscountKind.AMOUNT, "5", "Goodwill", on_line=False)
    assert line == ask.GiveDiscount(DiscountKind.PERCENT, "10", "Goodwill", 2)
    assert basket == ask.GiveDiscount(DiscountKind.AMOUNT, "5", "Goodwill", None)


def test_a_basket_discount_is_a_row_that_void_takes_back(till: Any, presenter: CashierPresenter) -> None:
    with_milk(till, presenter)
    show(presenter, till.handle(ask.GiveDiscount(DiscountKind.AMOUNT, "5", "Goodwill")))
    assert presenter.rows[-1].kind is RowKind.DISCOUNT
    presenter.selected_key = presenter.rows[-1].key
    assert presenter.perform(Action.VOID_LINE) == ask.RemoveDiscount(str(presenter.rows[-1].discount_id))


def test_search_results_of_an_older_text_are_dropped(presenter: CashierPresenter) -> None:
    assert presenter.typed("milk") == "milk"
    assert not presenter.accept_search(SearchView("mil", ()), "milk")
    assert presenter.accept_search(SearchView("milk", ()), "milk")


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [("a", "a"), ("牛", "牛"), ("12", None), ("690", "690"), ("3*", None), ("3*mi", "mi"), ("  ", None)],
)
def test_what_is_typed_is_searched_for_without_its_quantity(
    presenter: CashierPresenter, typed: str, wanted: str | None
) -> None:
    assert presenter.typed(typed) == wanted


def test_enter_sells_the_chosen_result_else_what_was_typed(till: Any, presenter: CashierPresenter) -> None:
    assert presenter.enter(" 3* ") == ask.EnterText("3*")
    presenter.accept_search(till.search("milk"), "milk")
    presenter.move_selection(1)
    assert presenter.enter("milk") == ask.AddProduct("6901234567892")
    assert presenter.enter("") is None


def test_no_key_is_given_twice_and_every_one_leads_somewhere() -> None:
    keys = [shortcut.key for shortcut in SHORTCUTS]
    assert len(keys) == len(set(keys))
    assert all(action_of(shortcut.key) is shortcut.action for shortcut in SHORTCUTS)


def test_delete_belongs_to_the_entry_line_while_something_stands_in_it(presenter: CashierPresenter) -> None:
    assert presenter.route("Del", entry_empty=False) is None
    assert presenter.route("Del", entry_empty=True) is Action.VOID_LINE


def test_a_row_says_how_its_amount_came_about(till: Any) -> None:
    till.handle(ask.AddProduct("4131"))
    view = till.handle(ask.AnswerQuestion("1.245"))
    (row,) = RowWriter().rows(view.basket, ENGLISH)
    # 1.245 kg at 9.90 is 12.3255, rounded half up 12.33
    assert (row.name, row.calculation, row.amount) == ("Fuji apples", "1.245 kg × 9.90 /kg", "12.33")


def test_rows_of_unchanged_lines_are_the_same_objects(till: Any) -> None:
    writer = RowWriter()
    first = writer.rows(till.handle(ask.AddProduct("6901234567892")).basket, ENGLISH)
    second = writer.rows(till.handle(ask.AddProduct("6921168509256")).basket, ENGLISH)
    assert second[0] is first[0]


def test_the_shopper_sees_idle_then_the_basket_then_thanks_and_change(till: Any) -> None:
    shopper = CustomerPresenter()
    assert shopper.present(till.view(), ENGLISH).mode is CustomerMode.IDLE
    screen = shopper.present(till.handle(ask.AddProduct("6901234567892")), ENGLISH)
    assert (screen.mode, screen.last_name, screen.due) == (CustomerMode.SHOPPING, "Whole milk", "¥\u200912.90")
    till.handle(ask.BeginPayment())
    done = shopper.present(till.handle(ask.TakeTender("cash", "20")), ENGLISH)
    # 20.00 - 12.90
    assert (done.mode, done.change) == (CustomerMode.THANKS, "¥\u20097.10")


def test_the_till_says_what_it_waits_for(till: Any, presenter: CashierPresenter) -> None:
    assert str(presenter.waiting_for()) == "Ready to scan"
    with_milk(till, presenter)
    show(presenter, till.handle(ask.BeginPayment()))
    assert presenter.view.phase is Phase.PAYING
    assert str(presenter.waiting_for()) == "Take payment"
