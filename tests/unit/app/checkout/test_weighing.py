"""Weighing at the till: stable weights only, tare taken off once, and each line knows how it was weighed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.checkout import requests as ask
from app.checkout.ports import ReceiptOrder
from app.checkout.settings import WeighingRules
from app.checkout.state import WeightRefused
from app.checkout.tare import net_and_tare_grams
from app.checkout.views import Phase, QuestionKind
from app.devices.weighing import STATE_SENTENCES, ScaleReading, WeightState
from app.sales.sale import PriceSource, WeightSource


def stable(grams: int, scale_tare: int = 0) -> ScaleReading:
    return ScaleReading("scale", WeightState.STABLE, grams, scale_tare)


def weigh(shopfloor, product_id: str, grams: int, *before, scale_tare: int = 0):
    shopfloor.till.handle(ask.AddProduct(product_id))
    for request in before:
        shopfloor.till.handle(request)
    return shopfloor.till.handle(ask.AcceptWeight(stable(grams, scale_tare)))


def test_apples_in_a_large_tray_cost_what_they_weigh_without_it(shopfloor):
    view = weigh(shopfloor, "APPLE", 1270, ask.ChooseTare("large"))
    (line,) = view.basket.lines
    # 1270 g in a tray of 25 g: 1245 g. 1.245 × 9.90 = 12.3255, rounded half up to 12.33.
    assert (line.quantity_thousandths, line.tare_grams, line.weighed_by) == (1245, 25, WeightSource.SCALE)
    assert view.basket.due_minor == 1233
    assert view.question is None
    assert shopfloor.store.open_basket().lines[0].tare_grams == 25


def test_the_question_says_what_can_be_weighed_and_in_what(shopfloor):
    question = shopfloor.till.handle(ask.AddProduct("APPLE")).question
    assert question.on_scale
    assert [(key.container_id, key.tare_grams) for key in question.containers] == [("small", 12), ("large", 25)]
    assert (question.tare_grams, question.container_id, question.unit_price_minor) == (0, "", 990)
    chosen = shopfloor.till.handle(ask.ChooseTare("small")).question
    assert (chosen.tare_grams, chosen.container_id) == (12, "small")
    typed = shopfloor.till.handle(ask.ChooseTare(grams_text=" 40 ")).question
    assert (typed.tare_grams, typed.container_id) == (40, "")
    undone = shopfloor.till.handle(ask.ChooseTare()).question
    assert (undone.tare_grams, undone.container_id) == (0, "")


def test_oil_by_the_litre_is_no_matter_for_the_scale(shopfloor):
    question = shopfloor.till.handle(ask.AddProduct("OIL")).question
    assert question.kind is QuestionKind.WEIGHT
    assert not question.on_scale
    assert not question.containers
    view = shopfloor.till.handle(ask.AcceptWeight(stable(500)))
    assert view.notice.code == "NOT-NOW"
    line = shopfloor.till.handle(ask.AnswerQuestion("0.5")).basket.lines[0]
    assert line.weighed_by is None


def test_the_fixed_tare_adds_to_the_products_own_or_to_what_was_chosen_instead_of_it(shopfloor):
    containers = shopfloor.counter.settings.weighing.containers
    shopfloor.set_up(weighing=WeighingRules(containers, fixed_tare_grams=3))
    # Nuts have a box of 6 g; every weight loses the bag of 3 g; a large tray is 25 g.
    assert weigh(shopfloor, "NUTS", 209).basket.lines[-1].quantity_thousandths == 200
    assert weigh(shopfloor, "NUTS", 228, ask.ChooseTare("large")).basket.lines[-1].quantity_thousandths == 200
    typed = weigh(shopfloor, "NUTS", 228, ask.ChooseTare(grams_text="10")).basket.lines[-1]
    assert (typed.quantity_thousandths, typed.tare_grams) == (215, 13)


def test_a_tare_is_taken_off_once_where_the_scale_has_one_too(shopfloor):
    # The scale took 25 g off already and shows 1245 g: the tray of 25 g is the same tray.
    same = weigh(shopfloor, "APPLE", 1245, ask.ChooseTare("large"), scale_tare=25).basket.lines[-1]
    assert (same.quantity_thousandths, same.tare_grams) == (1245, 25)
    # 1270 g in all. The till's 40 g are more than the scale's 25 g: 1230 g.
    more = weigh(shopfloor, "APPLE", 1245, ask.ChooseTare(grams_text="40"), scale_tare=25).basket.lines[-1]
    assert (more.quantity_thousandths, more.tare_grams) == (1230, 40)
    # The scale's 25 g are more than the small tray's 12 g: its own net weight stands.
    less = weigh(shopfloor, "APPLE", 1245, ask.ChooseTare("small"), scale_tare=25).basket.lines[-1]
    assert (less.quantity_thousandths, less.tare_grams) == (1245, 25)
    alone = weigh(shopfloor, "APPLE", 1245, scale_tare=25).basket.lines[-1]
    assert (alone.quantity_thousandths, alone.tare_grams) == (1245, 25)


def test_a_tare_is_for_one_item_only(shopfloor):
    weigh(shopfloor, "APPLE", 1025, ask.ChooseTare("large"))
    second = weigh(shopfloor, "APPLE", 1025).basket.lines
    assert [line.quantity_thousandths for line in second] == [1000, 1025]


def test_the_same_fruit_weighed_twice_stays_two_lines(shopfloor):
    weigh(shopfloor, "APPLE", 500)
    assert len(weigh(shopfloor, "APPLE", 500).basket.lines) == 2


@pytest.mark.parametrize("state", [state for state in WeightState if state is not WeightState.STABLE])
def test_only_a_stable_weight_is_sold(shopfloor, state):
    shopfloor.till.handle(ask.AddProduct("APPLE"))
    view = shopfloor.till.handle(ask.AcceptWeight(ScaleReading("scale", state, 1270)))
    assert view.notice.code == "WEIGHT-REFUSED"
    assert view.notice.sentence == STATE_SENTENCES[state]
    assert view.question is not None
    assert not view.basket.lines


@pytest.mark.parametrize(
    ("grams", "tare", "said"),
    [
        (0, "", "The scale is empty. Put the goods on it."),
        (25, "25", "25 g is not more than the tare of 25 g."),
        (12, "25", "12 g is not more than the tare of 25 g."),
        (-25, "25", "-25 g is not more than the tare of 25 g."),
        (34, "25", "9 g is less than the 10 g that must be weighed at least."),
    ],
)
def test_what_weighs_nothing_or_too_little_beside_its_tare_is_refused(shopfloor, grams, tare, said):
    shopfloor.set_up(weighing=WeighingRules(minimum_grams=10))
    shopfloor.till.handle(ask.AddProduct("APPLE"))
    shopfloor.till.handle(ask.ChooseTare(grams_text=tare))
    view = shopfloor.till.handle(ask.AcceptWeight(stable(grams)))
    assert str(view.notice.sentence).startswith(said)
    assert view.question.minimum_grams == 10
    enough = shopfloor.till.handle(ask.AcceptWeight(stable(35)))
    assert len(enough.basket.lines) == 1


@pytest.mark.parametrize("text", ["0", "-1", "10000", "1.5", "abc", "²", "٣", "12kg", "1e3"])
def test_a_tare_that_is_none_is_refused_and_the_one_before_stays(shopfloor, text):
    shopfloor.till.handle(ask.AddProduct("APPLE"))
    shopfloor.till.handle(ask.ChooseTare("small"))
    view = shopfloor.till.handle(ask.ChooseTare(grams_text=text))
    assert view.notice.code == "WEIGHT-REFUSED"
    assert (view.question.tare_grams, view.question.container_id) == (12, "small")


def test_a_container_that_the_shop_does_not_have_is_refused(shopfloor):
    shopfloor.till.handle(ask.AddProduct("APPLE"))
    view = shopfloor.till.handle(ask.ChooseTare("bucket"))
    assert "bucket" in str(view.notice.sentence)
    both = shopfloor.till.handle(ask.ChooseTare("small", "12"))
    assert "not both" in str(both.notice.sentence)


def test_a_keyed_weight_is_net_as_typed_and_marked(shopfloor):
    shopfloor.till.handle(ask.AddProduct("NUTS"))
    shopfloor.till.handle(ask.ChooseTare("large"))
    line = shopfloor.till.handle(ask.AnswerQuestion("0.200")).basket.lines[0]
    assert (line.quantity_thousandths, line.tare_grams, line.weighed_by) == (200, 0, WeightSource.KEYED)


def test_a_weight_changed_by_hand_is_a_keyed_one(shopfloor):
    line = weigh(shopfloor, "APPLE", 1270, ask.ChooseTare("large")).basket.lines[0]
    changed = shopfloor.till.handle(ask.ChangeQuantity(line.line_id, "1.3")).basket.lines[0]
    assert (changed.quantity_thousandths, changed.tare_grams, changed.weighed_by) == (1300, 0, WeightSource.KEYED)


def test_a_label_keeps_its_own_weight_and_no_tare(shopfloor):
    shopfloor.set_up(weighing=WeighingRules(fixed_tare_grams=3))
    # 21, PLU 21001, 00500 g; from the right 3 × (0+5+0+0+1+1) + (0+0+1+0+2+2) = 21 + 5 = 26, so the check digit is 4.
    line = shopfloor.scan("2121001005004").basket.lines[0]
    assert (line.quantity_thousandths, line.tare_grams, line.weighed_by) == (500, 0, WeightSource.LABEL)
    assert line.price_source is PriceSource.BOOK


def test_pieces_are_not_weighed(shopfloor):
    assert shopfloor.scan("6901234567892").basket.lines[0].weighed_by is None


@pytest.mark.parametrize("request_", [ask.AcceptWeight(stable(500)), ask.ChooseTare("small")])
def test_a_weight_that_nobody_asked_for_is_refused(shopfloor, request_):
    assert shopfloor.till.handle(request_).notice.code == "NOT-NOW"
    shopfloor.scan("6903148042441")  # asks for the age
    assert shopfloor.till.handle(request_).notice.code == "NOT-NOW"
    assert not shopfloor.till.view().basket.lines


def test_a_basket_put_aside_and_a_till_started_again_know_how_it_was_weighed(shopfloor):
    weigh(shopfloor, "APPLE", 1270, ask.ChooseTare("large"))
    shopfloor.till.handle(ask.SuspendBasket("红伞"))
    (aside,) = shopfloor.restart().view().suspended
    line = shopfloor.till.handle(ask.RecallBasket(aside.basket_id)).basket.lines[0]
    assert (line.quantity_thousandths, line.tare_grams, line.weighed_by) == (1245, 25, WeightSource.SCALE)


def test_sale_and_receipt_know_how_it_was_weighed(shopfloor):
    weigh(shopfloor, "APPLE", 1270, ask.ChooseTare("large"))
    assert shopfloor.till.handle(ask.TakeTender("cash")).phase is Phase.PAID
    (order,) = shopfloor.printer.orders
    assert isinstance(order, ReceiptOrder)
    (line,) = order.receipt.completed.sale.lines
    assert (line.quantity_thousandths, line.tare_grams, line.weighed_by) == (1245, 25, WeightSource.SCALE)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    state=st.sampled_from(WeightState),
    grams=st.integers(-50_000, 20_000_000),
    scale_tare=st.integers(0, 20_000),
    tare=st.sampled_from([ask.ChooseTare(), ask.ChooseTare("small"), ask.ChooseTare(grams_text="9999")]),
    fixed=st.integers(0, 50),
    minimum=st.integers(0, 200),
)
def test_whatever_a_scale_says_no_line_weighs_nothing_and_no_tare_is_given_away(
    shopfloor, state, grams, scale_tare, tare, fixed, minimum
):
    containers = shopfloor.counter.settings.weighing.containers
    shopfloor.store.baskets.clear()
    shopfloor.set_up(weighing=WeighingRules(containers, fixed, minimum))
    asked = shopfloor.till.handle(ask.AddProduct("APPLE")).question
    asked = shopfloor.till.handle(tare).question or asked
    view = shopfloor.till.handle(ask.AcceptWeight(ScaleReading("scale", state, grams, scale_tare)))
    if view.basket.lines:
        (line,) = view.basket.lines
        assert state is WeightState.STABLE
        assert line.quantity_thousandths > 0
        assert line.quantity_thousandths >= minimum
        # What lies on the scale is what is sold and its tare, the larger of the two that are known.
        assert line.quantity_thousandths + line.tare_grams == grams + scale_tare
        assert line.tare_grams == max(asked.tare_grams, scale_tare)
    else:
        assert view.notice is not None
        assert view.question is not None


def test_a_tare_set_on_the_scale_that_it_does_not_tell_is_never_doubled():
    hidden = ScaleReading("scale", WeightState.STABLE, 1000, net=True)
    assert net_and_tare_grams(hidden, 0, 0) == (1000, 0)
    with pytest.raises(WeightRefused, match="scale itself"):
        net_and_tare_grams(hidden, 200, 0)
    # A scale that tells it is believed: the larger of the two counts once.
    assert net_and_tare_grams(ScaleReading("scale", WeightState.STABLE, 1000, 20, net=True), 30, 0) == (990, 30)
