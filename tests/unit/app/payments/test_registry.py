from importlib.metadata import EntryPoint

import msgspec
import pytest

from app.payments.registry import (
    BUILT_IN,
    GROUP,
    BadProviderSettings,
    ProviderDriver,
    UnknownProvider,
    decode_settings,
    load_providers,
)
from app.values.problems import Problem
from app.values.wording import wording


class Broken(Problem):
    code = "BROKEN"


def fails():
    raise Broken(wording("It lacks a part."))


def bug():
    raise ZeroDivisionError


GOOD = ProviderDriver("good", wording("Good Pay"), lambda settings, clock: None, lambda: None)
LACKING = ProviderDriver("lacking", wording("Lacking Pay"), lambda settings, clock: None, fails)
BUGGY = ProviderDriver("buggy", wording("Buggy Pay"), lambda settings, clock: None, bug)
NO_DRIVER = object()


class Point:
    """An entry point that holds something of this test."""

    def __init__(self, name, held):
        self.name, self.value, self._held = name, f"somewhere:{name}", held

    def load(self):
        if self._held is None:
            raise ImportError
        return self._held


@pytest.fixture
def registry():
    return load_providers(
        [
            Point("good", GOOD),
            Point("good", GOOD),
            Point("lacking", LACKING),
            Point("buggy", BUGGY),
            Point("other", NO_DRIVER),
            Point("named", GOOD),
            Point("gone", None),
        ]
    )


def test_a_provider_that_works_can_be_used(registry):
    assert registry.driver("good") is GOOD


def test_a_provider_that_fails_is_a_sentence_and_never_stops_the_till(registry):
    said = [(status.provider_id, status.usable) for status in registry.statuses]
    assert said == [("good", True)] + [(name, False) for name in ("good", "lacking", "buggy", "other", "named", "gone")]
    assert all(str(status.sentence) for status in registry.statuses)
    with pytest.raises(UnknownProvider, match="lacks a part"):
        registry.driver("lacking")
    with pytest.raises(UnknownProvider, match="Set one of: good"):
        registry.driver("nobody")


def test_wechat_pay_is_built_in_and_can_be_used():
    points = [point for point in BUILT_IN if point.name == "wechat"]
    assert points == [EntryPoint("wechat", "app.payments.wechat.provider:WECHAT", GROUP)]
    assert str(load_providers(points).driver("wechat").name) == "WeChat Pay"


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    key: int


def test_wrong_settings_name_the_key_and_repeat_no_value():
    with pytest.raises(BadProviderSettings, match=r"\$\.key") as refused:
        decode_settings({"key": "s3cret"}, Settings, "good")
    assert "s3cret" not in str(refused.value)
    with pytest.raises(BadProviderSettings, match="keys"):
        decode_settings({"key": 1, "keys": "s3cret"}, Settings, "good")
    assert decode_settings({"key": 1}, Settings, "good").key == 1
