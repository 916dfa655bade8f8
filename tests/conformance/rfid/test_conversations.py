"""Conversations with tag readers, played again byte for byte."""

from pathlib import Path

import pytest

from hardware.conversation import ReplayTransport, read_conversation
from hardware.rfid.driver import LlrpReader, LlrpTimes, ReaderRefuses
from hardware.rfid.llrp_reading import AntennaState, TagRead

CONVERSATIONS = next(one for one in Path(__file__).parents if one.name == "conformance") / "conversations"


def replayed(name: str) -> ReplayTransport:
    return ReplayTransport(read_conversation((CONVERSATIONS / f"{name}.txt").read_text(encoding="utf-8")))


def test_a_session_from_greeting_to_good_bye() -> None:
    transport = replayed("rfid-llrp-session")
    reader = LlrpReader(transport)
    reader.open()
    assert (reader.capabilities.maker, reader.capabilities.model) == ("Impinj", "2001001")
    assert (reader.capabilities.antennas, reader.capabilities.firmware) == (2, "7.6.3.240")
    assert reader.antennas == (AntennaState(1, connected=True), AntennaState(2, connected=False))
    assert reader.listen(1.0) == (TagRead("85047000049050503155303400702300", antenna=1, rssi_dbm=-73),)
    assert reader.listen(1.0) == (
        # 0xC4 is -60 dBm; 0x00065C150675CCA3 microseconds
        TagRead("3074257BF7194E4000001A85", antenna=1, rssi_dbm=-60, first_seen_us=1790095232715939),
    )
    reader.close()
    assert transport.finished


@pytest.mark.parametrize(
    ("name", "words"),
    [("rfid-llrp-busy", "another program"), ("rfid-llrp-refused", "ADD_ROSPEC .*100: ROSpec not valid")],
)
def test_a_refusal_becomes_a_sentence(name: str, words: str) -> None:
    reader = LlrpReader(replayed(name), times=LlrpTimes(greeting_s=0.1, answer_s=0.1))
    with pytest.raises(ReaderRefuses, match=words):
        reader.open()


def test_a_reader_that_keeps_its_own_air_settings_is_used_with_them() -> None:
    transport = replayed("rfid-llrp-plain")
    reader = LlrpReader(transport)
    reader.open()
    reader.close()
    assert transport.finished
