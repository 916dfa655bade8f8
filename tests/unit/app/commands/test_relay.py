"""What devices say before the screens are there is kept, in order and within bounds; after that it goes straight on."""

from datetime import UTC, datetime

from app.catalogue.codes.scanned import Scanned
from app.checkout.member_ports import ReserveCoupon
from app.checkout.member_requests import ReportMember, ReserveAnswered
from app.checkout.ports import PrintState
from app.checkout.requests import ReadTags, ReportPrint
from app.checkout.views import DeviceStatusView, Notice, Severity, Sound
from app.commands.relay import Relay
from app.devices.conditions import DeviceCondition
from app.devices.weighing import ScaleReading, WeightState
from app.members.ports import CouponAnswer, CouponReach
from app.values.wording import wording


class Screens:
    def __init__(self) -> None:
        self.told: list[object] = []

    def post(self, request) -> bool:
        self.told.append(request)
        return True

    def post_print_report(self, report) -> bool:
        self.told.append(report)
        return True

    def post_member_news(self, news) -> bool:
        self.told.append(news)
        return True

    def post_device_status(self, status) -> None:
        self.told.append(status)

    def post_scale(self, reading) -> None:
        self.told.append(reading)

    def post_scan(self, scanned) -> None:
        self.told.append(scanned)

    def post_notice(self, notice, sound=None) -> None:
        self.told.append((notice, sound))


STATUS = DeviceStatusView("scale", DeviceCondition.AWAY, wording("Away."))
READING = ScaleReading("scale", WeightState.STABLE, 1245)
TAGS = ReadTags("rfid", ("3034",))
NOTICE = Notice(Severity.WARNING, wording("Damaged."))
SCAN = Scanned("hand", "6901234567892", None, datetime(2026, 11, 22, tzinfo=UTC))


def test_what_was_said_before_the_screens_came_is_told_in_order_when_they_come():
    relay, screens = Relay(), Screens()
    relay.device_status(STATUS)
    relay.scale_read(READING)
    relay.asked(TAGS)
    relay.noticed(NOTICE, Sound.BAD_READ)
    relay.connect(screens)
    assert screens.told == [STATUS, READING, TAGS, (NOTICE, Sound.BAD_READ)]
    relay.device_status(STATUS)
    assert screens.told[-1] is STATUS


def test_no_answer_about_a_coupon_is_lost_however_much_else_is_said():
    relay, screens = Relay(), Screens()
    question = ReserveCoupon("basket", "r-1", "c-1")
    news = ReportMember(ReserveAnswered(question, CouponAnswer(CouponReach.DONE)))
    relay.member_news(news)
    for _ in range(5000):
        relay.scale_read(READING)
    relay.connect(screens)
    assert screens.told[0] is news
    relay.member_news(news)
    assert screens.told[-1] is news


def test_a_code_scanned_before_anybody_could_see_it_is_not_sold():
    relay, screens = Relay(), Screens()
    relay.scanned(SCAN)
    relay.connect(screens)
    assert screens.told == []
    relay.scanned(SCAN)
    assert screens.told == [SCAN]


def test_no_report_of_a_receipt_is_lost_however_much_else_is_said():
    relay, screens = Relay(), Screens()
    report = ReportPrint("job", PrintState.PRINTED)
    relay.print_report(report)
    for _ in range(5000):
        relay.scale_read(READING)
    relay.connect(screens)
    assert screens.told[0] is report
    assert len(screens.told) <= 257
