"""Scans are told from typing, whoever types and whatever the scanner sends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.presenters.burst import BurstFilter, KeyKind, KeyStroke, WedgeSettings

MS = 1_000_000


def stroke(text: str, at_ms: float, token: int = 0, kind: KeyKind = KeyKind.CHARACTER) -> KeyStroke:
    return KeyStroke(kind, text, round(at_ms * MS), token)


class Keyboard:
    """Presses keys and writes down what reached the screen, in order: characters typed, and scans."""

    def __init__(self, settings: WedgeSettings | None = None) -> None:
        self.filter = BurstFilter(settings)
        self.out: list[str] = []
        self.texts: dict[int, str] = {}
        self.now_ms = 1000.0

    def press(self, text: str, after_ms: float, kind: KeyKind = KeyKind.CHARACTER) -> None:
        self.now_ms += after_ms
        token = len(self.texts)
        self.texts[token] = text
        outcome = self.filter.press(stroke(text, self.now_ms, token, kind))
        self._note(outcome)
        if outcome.pass_through:
            self.out.append(text)

    def _note(self, outcome: object) -> None:
        self.out.extend(self.texts[token] for token in outcome.replay)  # type: ignore[attr-defined]
        self.out.extend(f"<{scan}>" for scan in outcome.scans)  # type: ignore[attr-defined]

    def burst(self, text: str, step_ms: float = 4) -> None:
        for character in text:
            self.press(character, step_ms)

    def wait(self, ms: float = 1000) -> None:
        self.now_ms += ms
        self._note(self.filter.expire(round(self.now_ms * MS)))


def test_a_burst_that_ends_in_enter_is_one_scan_and_its_enter_goes_nowhere() -> None:
    keyboard = Keyboard()
    keyboard.burst("6901234567892\r")
    assert keyboard.out == ["<6901234567892>"]


def test_a_burst_may_end_in_tab() -> None:
    keyboard = Keyboard()
    keyboard.burst("6901234567892\t")
    assert keyboard.out == ["<6901234567892>"]


def test_enter_and_line_feed_after_a_code_are_both_swallowed() -> None:
    keyboard = Keyboard()
    keyboard.burst("6901234567892\r\n")
    assert keyboard.out == ["<6901234567892>"]


def test_an_enter_pressed_by_a_person_after_a_scan_arrives() -> None:
    keyboard = Keyboard()
    keyboard.burst("6901234567892\r")
    keyboard.press("\r", 200)
    assert keyboard.out == ["<6901234567892>", "\r"]


def test_what_a_person_types_arrives_key_for_key() -> None:
    keyboard = Keyboard()
    for character in "3*milk\r":
        keyboard.press(character, 120)
    assert "".join(keyboard.out) == "3*milk\r"


def test_two_keys_rolled_over_each_other_are_not_a_scan() -> None:
    keyboard = Keyboard()
    keyboard.burst("12\r", 20)
    assert "".join(keyboard.out) == "12\r"


def test_two_scans_right_after_each_other_are_two() -> None:
    keyboard = Keyboard()
    keyboard.burst("6901234567892\r6921168509256\r")
    assert keyboard.out == ["<6901234567892>", "<6921168509256>"]


def test_typing_that_a_scan_interrupts_comes_first() -> None:
    keyboard = Keyboard()
    keyboard.press("3", 120)
    keyboard.press("*", 120)
    keyboard.wait(100)
    keyboard.burst("6901234567892\r")
    assert keyboard.out == ["3", "*", "<6901234567892>"]


def test_a_scanner_may_pause_within_a_code_once_it_is_certainly_a_scanner() -> None:
    keyboard = Keyboard()
    keyboard.burst("69012")
    keyboard.press("3", 120)
    keyboard.burst("4567892\r")
    assert keyboard.out == ["<6901234567892>"]


def test_a_burst_without_an_end_is_given_back_as_typed() -> None:
    keyboard = Keyboard()
    keyboard.burst("6901234567892")
    keyboard.wait()
    assert "".join(keyboard.out) == "6901234567892"


def test_a_function_key_ends_what_was_held_and_goes_on_its_way() -> None:
    keyboard = Keyboard()
    keyboard.burst("69")
    keyboard.press("F12", 3, KeyKind.OTHER)
    assert keyboard.out == ["6", "9", "F12"]


def test_group_separators_stay_in_the_code() -> None:
    keyboard = Keyboard()
    keyboard.burst("]C10106901234567892\x1d10AB\r")
    assert keyboard.out == ["<]C10106901234567892\x1d10AB>"]


def test_a_scanner_that_sends_alt_codes_gives_the_character() -> None:
    keyboard = Keyboard()
    keyboard.burst("10AB")
    for digit in "0029":
        keyboard.press(digit, 2, KeyKind.ALT_DIGIT)
    keyboard.burst("17\r")
    assert keyboard.out == ["<10AB\x1d17>"]


def test_shift_pressed_by_the_scanner_does_not_break_the_burst() -> None:
    keyboard = Keyboard()
    keyboard.burst("ab")
    keyboard.press("", 1, KeyKind.MODIFIER)
    keyboard.burst("CD\r")
    assert keyboard.out == ["", "<abCD>"]


def test_prefix_and_suffix_are_taken_off() -> None:
    keyboard = Keyboard(WedgeSettings(prefix="~", suffix="#"))
    keyboard.burst("~6901234567892#\r")
    assert keyboard.out == ["<6901234567892>"]


def test_with_a_prefix_set_typing_does_not_wait() -> None:
    keyboard = Keyboard(WedgeSettings(prefix="~"))
    keyboard.press("6", 100)
    keyboard.press("9", 5)
    assert keyboard.out == ["6", "9"]


@pytest.mark.parametrize("length", [4, 13, 500])
def test_codes_of_any_length_from_four_are_scans(length: int) -> None:
    keyboard = Keyboard()
    keyboard.burst("1" * length + "\r", 1)
    assert keyboard.out == [f"<{'1' * length}>"]


@given(st.lists(st.tuples(st.sampled_from("0123456789ab\r\t"), st.integers(0, 300)), max_size=60))
def test_no_key_is_ever_lost_or_doubled(keys: list[tuple[str, int]]) -> None:
    keyboard = Keyboard()
    for text, gap in keys:
        keyboard.press(text, gap)
    keyboard.wait(10_000)
    # Terminators may be swallowed (they end a scan); everything else is there once, in its order.
    arrived = "".join(part.strip("<>") for part in keyboard.out).replace("\r", "").replace("\t", "")
    assert arrived == "".join(text for text, _ in keys if text not in "\r\t")


@given(st.lists(st.tuples(st.sampled_from("0123456789ab\r"), st.integers(36, 400)), max_size=40))
def test_keys_a_person_types_are_never_a_scan(keys: list[tuple[str, int]]) -> None:
    keyboard = Keyboard()
    for text, gap in keys:
        keyboard.press(text, gap)
    keyboard.wait(10_000)
    assert "".join(keyboard.out) == "".join(text for text, _ in keys)
