"""Weighing at the till: what is shown of the scale, what may be sold, when the weight is typed instead."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.checkout.requests import AcceptWeight, ChooseTare, DeclineQuestion
from app.checkout.views import (
    BasketView,
    ContainerView,
    Notice,
    Phase,
    Question,
    QuestionKind,
    Severity,
    TillView,
)
from app.devices.conditions import DeviceCondition
from app.devices.weighing import STATE_SENTENCES, ScaleReading, WeightState
from app.values.money import CNY
from app.values.wording import LocalizedText, wording
from ui.presenters.cashier import CashierPresenter
from ui.presenters.panes import Pane
from ui.presenters.weighing import NO_FIGURE, Form, WeighingPresenter, container_page, write_kilograms

BOWL = ContainerView("bowl", LocalizedText("bowl"), 250)
APPLES = Question(
    QuestionKind.WEIGHT,
    wording("Put it on the scale, or type the weight."),
    LocalizedText("apples"),
    unit_price_minor=990,
    on_scale=True,
    containers=(BOWL,),
    minimum_grams=20,
)
THIN = "\u2009"


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def weighing(watch: Watch) -> WeighingPresenter:
    made = WeighingPresenter(watch)
    made.take_condition(DeviceCondition.READY)
    made.take_question(APPLES)
    return made


def reading(grams: int, state: WeightState = WeightState.STABLE, tare: int = 0) -> ScaleReading:
    return ScaleReading("scale", state, grams, tare)


def test_a_steady_weight_shows_its_price_and_may_be_sold(weighing: WeighingPresenter) -> None:
    weighing.take_reading(reading(1245))
    picture = weighing.picture(CNY)
    # 1.245 kg at 9.90 is 12.3255, rounded half up
    assert (picture.net, picture.price, picture.acceptable) == ("1.245", f"¥{THIN}12.33", True)
    assert picture.unit_price == f"¥{THIN}9.90 /kg"
    assert weighing.accept() == AcceptWeight(reading(1245))


def test_gross_less_tare_is_net_whoever_holds_the_tare(weighing: WeighingPresenter) -> None:
    weighing.take_question(replace(APPLES, tare_grams=250, container_id="bowl"))
    weighing.take_reading(reading(1245, tare=100))
    picture = weighing.picture(CNY)
    # The scale took 100 off by itself; the bowl of 250 may be the same: the larger counts, as when it is sold.
    assert (picture.gross, picture.tare, picture.net) == ("1.345", "0.250", "1.095")
    assert weighing.accept() is not None


def test_the_screen_shows_what_the_till_would_sell(weighing: WeighingPresenter) -> None:
    # Net 1000 with 20 taken off by the scale, a tray of 30 at the till: 1020 - 30.
    weighing.take_question(replace(APPLES, tare_grams=30))
    weighing.take_reading(reading(1000, tare=20))
    assert weighing.picture(CNY).net == "0.990"


def test_a_tare_that_the_scale_does_not_tell_cannot_be_taken_off_twice(weighing: WeighingPresenter) -> None:
    hidden = ScaleReading("scale", WeightState.STABLE, 1000, net=True)
    weighing.take_question(APPLES)
    weighing.take_reading(hidden)
    assert weighing.accept() is not None
    weighing.take_question(replace(APPLES, tare_grams=200, container_id="bowl"))
    assert weighing.accept() is None
    assert "scale itself" in str(weighing.picture(CNY).sentence)


def test_the_weight_of_the_item_before_is_not_that_of_the_next_one(weighing: WeighingPresenter) -> None:
    weighing.take_question(APPLES)
    weighing.take_reading(reading(1245))
    assert weighing.accept() is not None
    weighing.take_question(None)
    weighing.take_question(replace(APPLES, product_name=LocalizedText("pears")))
    assert weighing.accept() is None
    weighing.take_reading(reading(800))
    assert weighing.accept() is not None


@pytest.mark.parametrize("state", [state for state in WeightState if state is not WeightState.STABLE])
def test_nothing_but_a_steady_weight_is_sold_and_every_state_says_what_to_do(
    weighing: WeighingPresenter, state: WeightState
) -> None:
    weighing.take_reading(reading(1245, state))
    picture = weighing.picture(CNY)
    assert weighing.accept() is None
    assert not picture.acceptable
    assert picture.sentence == STATE_SENTENCES[state]
    assert picture.icon
    assert str(picture.word)


def test_the_words_of_all_states_differ(weighing: WeighingPresenter) -> None:
    shown = set()
    for state in WeightState:
        weighing.take_reading(reading(1245, state))
        picture = weighing.picture(CNY)
        shown.add((picture.icon, str(picture.word)))
    assert len(shown) == len(WeightState)


def test_an_overloaded_scale_shows_no_figures(weighing: WeighingPresenter) -> None:
    weighing.take_reading(reading(0, WeightState.OVERLOAD))
    picture = weighing.picture(CNY)
    assert (picture.net, picture.gross, picture.price) == (NO_FIGURE, NO_FIGURE, NO_FIGURE)


def test_a_moving_weight_shows_weight_and_price_all_the_same(weighing: WeighingPresenter) -> None:
    weighing.take_reading(reading(500, WeightState.MOVING))
    assert weighing.picture(CNY).price == f"¥{THIN}4.95"


def test_goods_lighter_than_their_container_ask_for_the_right_tare(weighing: WeighingPresenter) -> None:
    weighing.take_question(replace(APPLES, tare_grams=250))
    weighing.take_reading(reading(200))
    picture = weighing.picture(CNY)
    assert weighing.accept() is None
    assert picture.net == "−0.050"
    assert "container is heavier" in str(picture.sentence)


def test_less_than_the_shops_least_weight_is_not_sold(weighing: WeighingPresenter) -> None:
    weighing.take_reading(reading(19))
    assert weighing.accept() is None
    assert str(weighing.picture(CNY).sentence).startswith("Less than 0.020 kg")
    weighing.take_reading(reading(20))
    assert weighing.accept() is not None


@given(grams=some.integers(-5000, 30_000), tare=some.integers(0, 3000), state=some.sampled_from(WeightState))
def test_what_is_accepted_is_always_steady_and_at_least_the_least_weight(
    grams: int, tare: int, state: WeightState
) -> None:
    weighing = WeighingPresenter(Watch())
    weighing.take_question(replace(APPLES, tare_grams=tare))
    weighing.take_reading(reading(grams, state))
    may = state is WeightState.STABLE and grams > 0 and grams - tare >= 20
    assert (weighing.accept() is not None) is may
    assert weighing.picture(CNY).acceptable is may


@given(some.integers(-99_999, 99_999))
def test_kilograms_read_back_as_the_same_grams(grams: int) -> None:
    assert int(write_kilograms(grams).replace("−", "-").replace(".", "")) == grams


# the scale goes away and comes back


def test_a_silent_scale_that_is_there_keeps_its_last_word(weighing: WeighingPresenter, watch: Watch) -> None:
    weighing.take_reading(reading(1245))
    watch.now += 60
    assert weighing.accept() is not None


def test_a_scale_that_went_away_counts_no_more_after_a_second_and_a_half(
    weighing: WeighingPresenter, watch: Watch
) -> None:
    weighing.take_reading(reading(1245))
    weighing.take_condition(DeviceCondition.AWAY)
    watch.now += 1.4
    assert weighing.form is Form.SCALE
    watch.now += 0.2
    assert weighing.accept() is None
    assert weighing.picture(CNY).net == NO_FIGURE
    assert "does not answer" in str(weighing.picture(CNY).sentence)
    assert weighing.form is Form.WEIGHT


def test_what_lay_there_before_the_scale_went_away_is_forgotten_when_it_is_back(
    weighing: WeighingPresenter, watch: Watch
) -> None:
    weighing.take_reading(reading(1245))
    weighing.take_condition(DeviceCondition.AWAY)
    watch.now += 0.5
    weighing.take_condition(DeviceCondition.READY)
    assert weighing.form is Form.SCALE
    assert weighing.picture(CNY).net == NO_FIGURE
    assert weighing.accept() is None


def test_a_reading_that_comes_before_the_news_that_the_scale_is_back_counts(
    weighing: WeighingPresenter, watch: Watch
) -> None:
    weighing.take_condition(DeviceCondition.AWAY)
    watch.now += 5
    weighing.take_reading(reading(800))
    assert weighing.form is Form.SCALE
    weighing.take_condition(DeviceCondition.READY)
    assert weighing.accept() == AcceptWeight(reading(800))


def test_a_till_without_a_scale_asks_for_the_weight_to_be_typed() -> None:
    weighing = WeighingPresenter(Watch())
    weighing.take_question(APPLES)
    assert weighing.form is Form.WEIGHT


def test_a_scale_that_never_said_how_it_is_is_known_by_its_first_reading() -> None:
    weighing = WeighingPresenter(Watch())
    weighing.take_question(APPLES)
    weighing.take_reading(reading(500))
    assert weighing.form is Form.SCALE


def test_goods_by_the_litre_are_never_weighed(weighing: WeighingPresenter) -> None:
    weighing.take_question(replace(APPLES, on_scale=False))
    assert weighing.form is None


# typing


def test_typing_stays_although_the_scale_goes_on(weighing: WeighingPresenter) -> None:
    weighing.take_reading(reading(1245))
    weighing.key_weight("1")
    weighing.take_reading(reading(1246))
    assert weighing.form is Form.WEIGHT
    assert weighing.first_typed == "1"
    weighing.back_to_scale()
    assert weighing.form is Form.SCALE


def test_the_next_product_begins_with_the_scale_again(weighing: WeighingPresenter) -> None:
    weighing.key_weight("1")
    weighing.take_question(None)
    weighing.take_question(APPLES)
    assert weighing.form is Form.SCALE
    assert weighing.first_typed == ""


def test_a_tare_that_was_typed_leads_back_to_the_scale_unless_the_till_refuses_it(weighing: WeighingPresenter) -> None:
    weighing.key_tare()
    assert weighing.submit_tare(" 120 ") == ChooseTare(grams_text="120")
    weighing.take_question(APPLES, refused=True)
    assert weighing.form is Form.TARE
    weighing.submit_tare("120")
    weighing.take_question(replace(APPLES, tare_grams=120))
    assert weighing.form is Form.SCALE


def test_a_container_is_chosen_by_its_name_and_none_by_nothing(weighing: WeighingPresenter) -> None:
    assert weighing.choose_container(BOWL) == ChooseTare(container_id="bowl")
    assert weighing.choose_container(None) == ChooseTare()


@given(count=some.integers(0, 30), slots=some.integers(2, 12))
def test_every_container_has_a_page(count: int, slots: int) -> None:
    containers = tuple(ContainerView(str(number), LocalizedText(""), 0) for number in range(count))
    seen: set[int] = set()
    for page in range(count + 1):
        start, end, turns = container_page(containers, slots, page)
        assert end - start + turns <= slots
        seen |= set(range(start, end))
    assert seen == set(range(count))


# the pane of the cashier's window


def view(question: Question | None, revision: int, notice: Notice | None = None) -> TillView:
    return TillView(Phase.SELLING, BasketView(None, "CNY"), question=question, notice=notice, revision=revision)


def test_the_weighing_pane_stands_while_the_scale_answers_and_esc_leads_back_to_it(watch: Watch) -> None:
    presenter = CashierPresenter(WeighingPresenter(watch))
    presenter.weighing.take_condition(DeviceCondition.READY)
    presenter.accept(view(APPLES, 1))
    assert presenter.pane is Pane.WEIGHING
    presenter.key_weight("2")
    assert presenter.pane is Pane.QUESTION
    assert presenter.back() is None
    assert presenter.pane is Pane.WEIGHING
    presenter.key_tare()
    assert presenter.pane is Pane.TARE
    assert presenter.back() is None
    assert presenter.back() == DeclineQuestion()
    presenter.accept(view(None, 2))
    assert presenter.pane is Pane.QUICK_KEYS


def test_an_age_question_is_no_business_of_the_scale(watch: Watch) -> None:
    presenter = CashierPresenter(WeighingPresenter(watch))
    presenter.weighing.take_condition(DeviceCondition.READY)
    age = Question(QuestionKind.AGE, wording("Ask for an identity card."), LocalizedText("wine"), minimum_age=18)
    presenter.accept(view(age, 1))
    assert presenter.pane is Pane.QUESTION
    assert presenter.back() == DeclineQuestion()


def test_enter_on_a_moving_scale_sells_nothing_and_says_why(watch: Watch) -> None:
    presenter = CashierPresenter(WeighingPresenter(watch))
    presenter.accept(view(APPLES, 1))
    presenter.weighing.take_reading(reading(500, WeightState.MOVING))
    assert presenter.accept_weight() is None
    assert presenter.notice == Notice(Severity.WARNING, STATE_SENTENCES[WeightState.MOVING])
