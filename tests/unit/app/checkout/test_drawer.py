"""Opening the drawer without a sale: who may, with what reason, and what stays on record."""

from dataclasses import replace

import pytest

from app.checkout import requests as ask
from app.ledger.entry import EntryKind


def as_role(shopfloor, role, **changes):
    operator = replace(shopfloor.counter.settings.operator, role=role)
    return shopfloor.set_up(operator=operator, **changes)


def test_a_supervisor_opens_it_with_a_reason_and_the_journal_knows_before_it_moves(shopfloor):
    till = as_role(shopfloor, "supervisor")
    refused = till.handle(ask.OpenDrawer(" "))
    assert refused.notice is not None
    assert not shopfloor.printer.orders
    till.handle(ask.OpenDrawer("换零钱"))
    assert shopfloor.store.records == [(EntryKind.DRAWER_OPENED, {"operator": "1001", "reason": "换零钱"})]
    assert [(order.receipt, order.opens_drawer) for order in shopfloor.printer.orders] == [(None, True)]


def test_the_drawer_stays_shut_where_the_journal_cannot_be_written(shopfloor):
    till = as_role(shopfloor, "supervisor")
    shopfloor.store.fails = True
    view = till.handle(ask.OpenDrawer("换零钱"))
    assert view.notice is not None
    assert view.notice.code == "STORE-FAILS"
    assert not shopfloor.printer.orders


def test_a_cashier_who_may_not_is_told_who_may_and_the_attempt_is_on_record(shopfloor):
    till = as_role(shopfloor, "cashier")
    view = till.handle(ask.OpenDrawer("换零钱"))
    assert view.notice is not None
    assert view.notice.code == "NOT-ALLOWED"
    assert str(view.notice.sentence) == (
        "Only a supervisor or the store admin may open the drawer without a sale. Call one."
    )
    assert not shopfloor.printer.orders
    assert shopfloor.store.records == [
        (EntryKind.DRAWER_REFUSED, {"operator": "1001", "reason": "换零钱", "role": "cashier"})
    ]


@pytest.mark.parametrize(
    ("allowed", "said"), [((), "with a sale only"), (("admin",), "Only the store admin may"), (("owner",), "sale only")]
)
def test_the_refusal_follows_the_shops_rule(shopfloor, allowed, said):
    view = as_role(shopfloor, "cashier", roles_that_open_the_drawer=allowed).handle(ask.OpenDrawer("换零钱"))
    assert view.notice is not None
    assert said in str(view.notice.sentence)


def test_a_shop_may_let_its_cashiers_open_it(shopfloor):
    till = as_role(shopfloor, "cashier", roles_that_open_the_drawer=("cashier", "supervisor", "admin"))
    till.handle(ask.OpenDrawer("换零钱"))
    assert len(shopfloor.printer.orders) == 1


def test_paying_cash_opens_it_whoever_sells(shopfloor):
    as_role(shopfloor, "cashier")
    shopfloor.scan("6901234567892")
    shopfloor.till.handle(ask.TakeTender("cash"))
    assert shopfloor.printer.orders[-1].opens_drawer
