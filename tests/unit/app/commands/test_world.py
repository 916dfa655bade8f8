"""The real clock and real identities."""

from uuid import UUID

from app.commands.world import SystemClock, SystemIdentities


def test_identities_are_uuids_of_version_7_and_never_repeat():
    identities = SystemIdentities()
    given = [identities.new() for _ in range(1000)]
    assert len(set(given)) == 1000
    assert {UUID(identity).version for identity in given} == {7}
    assert {UUID(identity).variant for identity in given} == {"specified in RFC 4122"}


def test_the_clock_is_in_utc():
    now = SystemClock().now()
    assert now.tzinfo is not None
    assert not now.utcoffset()
