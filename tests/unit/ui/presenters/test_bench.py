"""The device bench without its window."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from app.checkout.views import Severity
from app.devices.bench import Exchanged
from app.values.wording import wording
from ui.presenters.bench import (
    MOST_LINES,
    MOST_LINES_AT_ONCE,
    BenchPresenter,
    overlap,
    shelves_of,
    write_bytes,
    write_traffic,
)


def test_bytes_are_written_as_figures_and_as_characters() -> None:
    lines = write_bytes(Exchanged(False, b"\x02 1.245\r" + b"AB", 2.5), 8)
    assert [(line.time, line.hexadecimal, line.characters) for line in lines] == [
        ("2.500", "02 20 31 2E 32 34 35 0D", ". 1.245."),
        ("", "41 42", "AB"),
    ]


def test_of_a_long_piece_both_ends_are_shown_and_the_rest_is_counted() -> None:
    lines = write_bytes(Exchanged(True, bytes(8 * 100), 0.0), 8)
    assert len(lines) == MOST_LINES_AT_ONCE + 1
    # 100 lines of 8 bytes, 16 at each end
    assert [line.skipped for line in lines if line.skipped] == [(100 - 32) * 8]


@given(some.lists(some.tuples(some.booleans(), some.binary(max_size=600)), max_size=60))
def test_the_list_never_grows_without_bound(pieces: list[tuple[bool, bytes]]) -> None:
    traffic = [Exchanged(way, data, float(at)) for at, (way, data) in enumerate(pieces)]
    lines = write_traffic(traffic, 8)
    assert len(lines) <= MOST_LINES
    if traffic and traffic[-1].data:
        assert lines[-1] == write_bytes(traffic[-1], 8)[-1]


@given(some.lists(some.integers(0, 3), max_size=12), some.lists(some.integers(0, 3), max_size=12))
def test_what_stays_of_the_lines_is_the_end_of_the_old_and_the_beginning_of_the_new(
    old: list[int], new: list[int]
) -> None:
    def lines(numbers: list[int]) -> list[Any]:
        return [write_bytes(Exchanged(True, bytes([number]), 0.0), 8)[0] for number in numbers]

    gone, stayed = overlap(lines(old), lines(new))
    assert gone + stayed == len(old)
    assert old[gone:] == new[:stayed]


def test_the_first_device_is_looked_at_and_a_device_keeps_being_looked_at(bench: Any) -> None:
    presenter = BenchPresenter(bench)
    assert presenter.look()
    assert presenter.chosen_name == "receipt"
    presenter.choose("scale")
    bench.change("receipt", reading="new")
    assert presenter.look()
    assert presenter.chosen_name == "scale"
    assert not presenter.look()


def test_when_the_device_looked_at_is_gone_the_first_one_is_shown(bench: Any) -> None:
    presenter = BenchPresenter(bench)
    presenter.look()
    presenter.choose("scale")
    bench.now = bench.now[:2]
    presenter.look()
    assert presenter.chosen_name == "receipt"


def test_what_can_go_wrong_is_offered_of_simulated_devices_only(bench: Any) -> None:
    by_name = {device.name: device for device in bench.now}
    assert [action.action_id for action in shelves_of(by_name["card"]).faults] == ["unplug"]
    assert shelves_of(by_name["gate"]).faults == ()


def test_a_refused_action_is_told_with_its_code_and_an_answer_as_information(bench: Any) -> None:
    presenter = BenchPresenter(bench)
    presenter.look()
    presenter.perform("garbage")
    assert presenter.notice is not None
    assert (presenter.notice.severity, presenter.notice.code) == (Severity.BAD, "BENCH-REFUSED")
    presenter.perform("test_page")
    assert presenter.notice.severity is Severity.INFO
    presenter.perform("cut")
    assert presenter.notice is None
    assert bench.performed == [("receipt", "garbage", ""), ("receipt", "test_page", ""), ("receipt", "cut", "")]


def test_paused_bytes_stand_still_and_go_on_afterwards(bench: Any) -> None:
    presenter = BenchPresenter(bench)
    presenter.look()
    presenter.choose("scale")
    presenter.pause(paused=True)
    held = presenter.traffic()
    bench.hear("scale", Exchanged(False, b"\x06", 9.0))
    presenter.look()
    assert presenter.traffic() == held
    presenter.pause(paused=False)
    assert presenter.traffic()[-1].data == b"\x06"


def test_a_bench_that_cannot_look_says_so_once_and_keeps_what_it_saw(bench: Any) -> None:
    from app.values.problems import Problem

    presenter = BenchPresenter(bench)
    presenter.look()
    bench.failing = Problem(wording("The devices are gone."))
    assert presenter.look()
    assert not presenter.look()
    assert len(presenter.devices) == 7
