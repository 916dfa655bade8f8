"""What is said of devices: once when they go, once when they are back, and never over something else."""

import pytest

from app.checkout.views import DeviceStatusView, Notice, Severity
from app.devices.conditions import DeviceCondition as Condition
from app.values.wording import Wording, wording
from ui.presenters.devices import DeviceNews, DevicePresenter, worst

GONE = wording("The scale does not answer. Check its cable.")
OTHER = Notice(Severity.BAD, wording("No product has this code."))


def status(device: str, condition: Condition, sentence: Wording = GONE) -> DeviceStatusView:
    return DeviceStatusView(device, condition, sentence)


@pytest.fixture
def devices() -> DevicePresenter:
    made = DevicePresenter()
    made.take(status("scale", Condition.READY), None)
    return made


def test_a_device_that_goes_away_is_announced_once_with_a_sound(devices: DevicePresenter) -> None:
    news = devices.take(status("scale", Condition.AWAY), None)
    assert news == DeviceNews(show=Notice(Severity.WARNING, GONE), alarm=True)
    for _ in range(5):
        assert devices.take(status("scale", Condition.AWAY), None) == DeviceNews()


def test_a_device_that_is_back_is_greeted_briefly(devices: DevicePresenter) -> None:
    told = devices.take(status("scale", Condition.AWAY), None).show
    news = devices.take(status("scale", Condition.READY), told)
    assert news.show == Notice(Severity.GOOD, wording("The scale is back."))
    assert news.passing
    assert not news.alarm


def test_a_device_whose_absence_nobody_was_told_of_is_not_greeted(devices: DevicePresenter) -> None:
    news = devices.take(status("scale", Condition.AWAY), OTHER)
    assert news == DeviceNews(alarm=True)
    assert devices.take(status("scale", Condition.READY), OTHER) == DeviceNews()
    assert devices.untold() is None


def test_a_first_word_that_a_device_is_ready_says_nothing() -> None:
    assert DevicePresenter().take(status("printer", Condition.READY), None) == DeviceNews()


def test_what_could_not_be_said_is_said_when_the_strip_is_free(devices: DevicePresenter) -> None:
    devices.take(status("scale", Condition.AWAY), OTHER)
    assert devices.untold() == Notice(Severity.WARNING, GONE)
    assert devices.untold() is None
    assert devices.take(status("scale", Condition.READY), None).passing


def test_that_a_device_is_back_never_covers_another_notice(devices: DevicePresenter) -> None:
    devices.take(status("scale", Condition.AWAY), None)
    news = devices.take(status("scale", Condition.READY), OTHER)
    assert news.show is None


def test_a_reason_that_changes_while_it_stands_there_is_kept_true(devices: DevicePresenter) -> None:
    told = devices.take(status("scale", Condition.AWAY), None).show
    other = wording("The scale is switched off. Switch it on.")
    assert devices.take(status("scale", Condition.AWAY, other), told).show == Notice(Severity.WARNING, other)
    assert devices.take(status("scale", Condition.AWAY, GONE), None) == DeviceNews()


def test_an_open_drawer_is_told_without_a_sound_and_cleared_when_it_is_shut() -> None:
    devices = DevicePresenter()
    stands_open = wording("The drawer stands open.")
    news = devices.take(status("drawer", Condition.ATTENTION, stands_open), None)
    assert news == DeviceNews(show=Notice(Severity.WARNING, stands_open))
    assert [light.device for light in devices.lit()] == ["drawer"]
    shut = devices.take(status("drawer", Condition.READY), news.show)
    assert shut == DeviceNews(clear=news.show)
    assert devices.lit() == ()


def test_paper_near_its_end_has_its_light_and_no_notice() -> None:
    assert DevicePresenter().take(status("printer", Condition.ATTENTION), None) == DeviceNews()


def test_lights_at_need_stand_in_one_order_and_only_while_somebody_should_look() -> None:
    devices = DevicePresenter()
    for device, condition in (
        ("rfid", Condition.AWAY),
        ("card_terminal", Condition.READY),
        ("customer_display", Condition.ATTENTION),
        ("drawer", Condition.ABSENT),
        ("printer", Condition.AWAY),
    ):
        devices.take(status(device, condition), None)
    assert [light.device for light in devices.lit()] == ["customer_display", "rfid"]
    assert worst(devices.lit()).device == "rfid"


def test_the_bench_is_offered_for_devices_and_not_for_headquarters(devices: DevicePresenter) -> None:
    devices.take(status("scale", Condition.AWAY), None)
    lost = wording("Headquarters cannot be reached. Selling goes on.")
    devices.take(status("headquarters", Condition.AWAY, lost), None)
    assert devices.is_about_a_device(Notice(Severity.WARNING, GONE))
    assert not devices.is_about_a_device(Notice(Severity.WARNING, lost))
    assert not devices.is_about_a_device(None)


def test_what_an_answer_on_its_way_would_cover_is_said_after_it(devices: DevicePresenter) -> None:
    assert devices.take(status("scale", Condition.AWAY), None, busy=True) == DeviceNews(alarm=True)
    assert devices.has_untold
    assert devices.untold() == Notice(Severity.WARNING, GONE)
    assert not devices.has_untold
