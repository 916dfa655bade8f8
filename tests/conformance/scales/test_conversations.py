"""Conversations with scales, played again byte for byte: the driver asks the same and understands the same."""

import json
from pathlib import Path

import pytest

from app.devices.weighing import WeightState
from hardware.conversation import ReplayTransport, read_conversation
from hardware.scales.configuration import PROTOCOLS, make_protocol
from hardware.scales.driver import SerialScale
from hardware.scales.protocol import Weighed, Weighing

_FOLDER = next(one for one in Path(__file__).parents if one.name == "conformance") / "conversations"
CONVERSATIONS = sorted(_FOLDER.glob("scales-*.txt"))


class Clock:
    """Each look at it takes twenty milliseconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.02
        return self.now


def facts_of(text: str) -> dict[str, str]:
    lines = [line[2:].partition(": ") for line in text.splitlines() if line.startswith("# ")]
    return {name: value for name, _, value in lines if value and " " not in name}


def test_every_protocol_has_a_conversation_and_each_names_its_source() -> None:
    facts = [facts_of(path.read_text("utf-8")) for path in CONVERSATIONS]
    assert {one["driver"] for one in facts} == set(PROTOCOLS)
    assert all(one["source"] for one in facts)


@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: path.stem)
def test_a_conversation_is_held_again(path: Path) -> None:
    text = path.read_text("utf-8")
    facts = facts_of(text)
    line = ReplayTransport(read_conversation(text))
    protocol, limits = make_protocol(facts["driver"], json.loads(facts.get("settings", "{}")))
    driver = SerialScale(line, protocol, limits, monotonic_s=Clock())
    driver.open()
    for order in filter(None, facts.get("does", "").split(", ")):
        what, *values, answer = order.split()
        done = driver.zero() if what == "zero" else driver.tare(int(values[0]) if values else None)
        assert done is (answer == "yes")
    driver.expect(Weighing(int(facts["price"]) if "price" in facts else None))
    said = []
    for _ in range(200):
        if line.finished:
            break
        said += driver.listen(0.05)
    assert line.finished
    assert [_told(one) for one in said] == facts["gives"].split(", ")


def _told(weighed: Weighed) -> str:
    assert isinstance(weighed.state, WeightState)
    tare = f" tare {weighed.tare_grams}" if weighed.tare_grams else ""
    return f"{weighed.state.value} {weighed.grams}{tare}"
