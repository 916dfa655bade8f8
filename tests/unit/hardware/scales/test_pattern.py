"""Scales of other makes: what a pattern may be, and what it makes of their lines."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.devices.weighing import MassUnit, WeightState
from hardware.scales.pattern import LineFormat, PatternLanguage
from hardware.scales.protocol import Weighed
from hardware.scales.safe_pattern import LINE_BYTES, UnsafePattern, compile_safely

STABLE, EMPTY, MOVING = WeightState.STABLE, WeightState.EMPTY, WeightState.MOVING
GENERAL = LineFormat(
    r"(?:(?P<stable>ST)|US|(?P<over>OL)),(?:GS|(?P<net>NT)),(?P<sign>[+-])(?P<weight>[ \d.]{7}) ?(?P<unit>kg|g|lb)"
)
"""The `ST,GS,+` form that many indicators share."""


def heard(form: LineFormat, *lines: bytes) -> list[Weighed]:
    language = PatternLanguage(form)
    return [finding for line in (b"\r\n", *lines) for finding in language.take(line).findings]


def test_the_acs_p215_needs_no_settings() -> None:
    # What a user of one wrote down: 0D 20 30 30 34 36 is 46 g. A line is whole when the next one begins.
    assert heard(LineFormat(), bytes.fromhex("0D2030303436"), b"\r", b" 0000\r") == [
        Weighed(STABLE, 46),
        Weighed(EMPTY),
    ]


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        (b"ST,GS,+  1.245kg\r\n", Weighed(STABLE, 1245)),
        (b"ST,NT,+  1.245kg\r\n", Weighed(STABLE, 1245, net=True)),
        (b"US,GS,+  1.245kg\r\n", Weighed(MOVING, 1245)),
        (b"OL,GS,+       kg\r\n", Weighed(WeightState.OVERLOAD)),
        (b"ST,GS,-  0.050kg\r\n", Weighed(WeightState.UNDER_ZERO, -50)),
        (b"ST,GS,+   1245 g\r\n", Weighed(STABLE, 1245)),
        (b"ST,GS,+  2.500lb\r\n", Weighed(STABLE, 1134)),
        (b"ST,GS,+  0.000kg\r\n", Weighed(EMPTY)),
    ],
)
def test_groups_say_what_a_line_means(line: bytes, finding: Weighed) -> None:
    assert heard(GENERAL, line) == [finding]


@pytest.mark.parametrize(
    "line", [b"ST,GS,+ 1.2 45kg\r\n", b"ST,GS,+1.2.345kg\r\n", b"ST,GS,+  1.245kg  \r\n", b"T,GS,+  1.245kg\r\n"]
)
def test_a_line_that_does_not_fit_wholly_is_nothing(line: bytes) -> None:
    assert heard(GENERAL, line) == []


def test_the_first_line_may_be_the_end_of_one_and_is_not_believed() -> None:
    language = PatternLanguage(LineFormat(r"(?P<weight>\d{1,5})"))
    assert language.take(b"245\r11245\r").findings == (Weighed(STABLE, 11245),)


def test_a_scale_that_is_asked_is_asked_with_the_configured_bytes_and_half_a_line_is_forgotten() -> None:
    language = PatternLanguage(LineFormat(r"(?P<weight>\d{1,5})", ask=b"P", zero=b"Z", tare=b"T"))
    assert (language.ask(), language.zero(), language.tare(None)) == (b"P", b"Z", b"T")
    assert language.capabilities.can_zero
    assert language.capabilities.can_tare
    language.take(b"1")
    language.ask()
    assert language.take(b"245\r").findings == (Weighed(STABLE, 245),)


def test_units_and_decimals_that_a_line_does_not_say_come_from_the_settings() -> None:
    form = LineFormat(r"(?P<weight>\d{1,5}(?:\.\d{1,3})?)", unit=MassUnit.JIN, decimals=2)
    assert heard(form, b"249\r", b"2.49\r") == [Weighed(STABLE, 1245), Weighed(STABLE, 1245)]


def test_a_line_without_end_is_forgotten_but_for_a_little() -> None:
    language = PatternLanguage(LineFormat())
    for _ in range(50):
        assert language.take(b" 1245" * 1000).findings == ()
        assert language.kept_bytes <= LINE_BYTES + 1
    assert language.take(b"\r 1245\r 0500\r").findings == (Weighed(STABLE, 500),)


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        r"\d+",  # no weight
        r"(?P<heavy>\d+)",
        r"(?P<weight>(?:\d+)+)x",
        r"(?P<weight>(?:\d|\d\d)*)x",
        r"(?P<weight>(?:a?){60}\d)",
        r"(?P<weight>.*.*.*.*\d)",
        r"(?P<weight>\d)(?=x)",
        r"(?P<weight>\d)(?P=weight)",
        r"(?P<weight>\d)\1",
        r"(?i)(?P<weight>\d)",
        r"(?P<weight>\d)" + "x" * 300,
        "(?P<weight>[0-9０])",
        "(" * 200 + r"(?P<weight>\d)" + ")" * 200,
    ],
)
def test_a_pattern_that_is_wrong_or_could_take_for_ever_is_refused_at_once(pattern: str) -> None:
    began = time.perf_counter()
    with pytest.raises(UnsafePattern):
        compile_safely(pattern)
    assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize(
    "pattern",
    [
        r" (?P<weight>\d{4})",
        GENERAL.pattern,
        r"\x02[+-]?(?P<weight>[ 0-9]{1,6}\.\d{3})(?P<unit>kg|g)?",
        r"(?P<weight>[^]x]+)",
        r"[\]a](?P<weight>\d+\.\d+) *(?:kg)?",
        r"(?P<weight>\d{,5}){x",
    ],
)
def test_patterns_that_shops_need_are_taken(pattern: str) -> None:
    assert isinstance(compile_safely(pattern), re.Pattern)


PARTS = st.sampled_from(
    [
        r"\d",
        ".",
        "a",
        "[ab]",
        r"(?:a|b)",
        "(?:ab)",
        "(?:a|aa)",
        "(?P<weight>",
        ")",
        "(?:",
        "|",
        "*",
        "+",
        "?",
        "{1,9}",
        "{60}",
    ]
)


@settings(deadline=None, max_examples=200)
@given(st.lists(PARTS, min_size=1, max_size=14).map("".join), st.sampled_from([b"a", b"1", b"ab", b"aa1"]))
def test_a_pattern_that_is_taken_never_keeps_the_till_waiting(pattern: str, piece: bytes) -> None:
    try:
        compiled = compile_safely(pattern, "weight")
    except UnsafePattern:
        return
    line = (piece * LINE_BYTES)[: LINE_BYTES - 1] + b"!"
    began = time.perf_counter()
    compiled.fullmatch(line)
    assert time.perf_counter() - began < 1.0


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 200))
def test_the_pieces_make_no_difference_to_what_comes_last(stream: bytes, cut: int) -> None:
    whole, cut_up = PatternLanguage(LineFormat()), PatternLanguage(LineFormat())
    together = whole.take(stream + b"\r 0777\r").findings
    cut_up.take(stream[:cut])
    assert cut_up.take(stream[cut:] + b"\r 0777\r").findings == together
