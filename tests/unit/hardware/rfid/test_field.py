"""Which tags lie on the counter; time is told by hand, in seconds."""

from hypothesis import given
from hypothesis import strategies as st

from hardware.rfid.field import FieldRules, TagField
from hardware.rfid.llrp_reading import TagRead


def heard(*epcs: str, rssi: int | None = None, count: int = 1) -> list[TagRead]:
    return [TagRead(epc, rssi_dbm=rssi, count=count) for epc in epcs]


def test_a_tag_is_there_when_it_answered_twice() -> None:
    field = TagField()
    field.take(heard("AA"), 0.0)
    assert field.tags == ()
    field.take(heard("AA"), 0.1)
    assert field.tags == ("AA",)


def test_a_report_that_counts_two_answers_is_enough() -> None:
    field = TagField()
    field.take(heard("AA", count=2), 0.0)
    assert field.tags == ("AA",)


def test_a_tag_that_misses_a_beat_stays_and_one_that_is_gone_goes() -> None:
    field = TagField()
    field.take(heard("AA", "BB", count=2), 0.0)
    field.take(heard("AA"), 1.4)
    field.expire(1.4)
    assert field.tags == ("AA", "BB")
    field.expire(1.6)  # BB was last heard 1.6 s ago, AA 0.2 s
    assert field.tags == ("AA",)


def test_two_chance_answers_far_apart_do_not_make_a_tag() -> None:
    field = TagField()
    field.take(heard("AA"), 0.0)
    field.take(heard("AA"), 1.6)
    assert field.tags == ()
    field.take(heard("AA"), 1.7)
    assert field.tags == ("AA",)


def test_goods_on_the_shelf_behind_are_too_faint() -> None:
    field = TagField(FieldRules(minimum_rssi_dbm=-60))
    field.take(heard("AA", rssi=-61, count=9) + heard("BB", rssi=-60, count=9) + heard("CC", count=9), 0.0)
    assert field.tags == ("BB", "CC")  # CC: a reader that tells no strength


def test_more_tags_than_can_be_counted_are_told_and_take_no_memory() -> None:
    field = TagField(FieldRules(most_tags=3))
    field.take(heard(*(f"{number:04X}" for number in range(1000)), count=2), 0.0)
    assert len(field.tags) == 3
    assert field.overflowing
    field.take(heard(*field.tags), 1.0)
    field.expire(1.6)  # the surplus was last heard 1.6 s ago
    assert len(field.tags) == 3
    assert not field.overflowing


def test_silence_of_the_reader_is_not_held_against_the_tags() -> None:
    field = TagField()
    field.take(heard("AA", count=2), 0.0)
    field.hold(60.0)
    field.expire(61.0)
    assert field.tags == ("AA",)
    field.expire(61.6)
    assert field.tags == ()


@given(
    st.lists(
        st.tuples(st.floats(0, 2), st.lists(st.sampled_from(["AA", "BB", "CC", "DD", "EE"]), max_size=6)), max_size=40
    )
)
def test_the_field_agrees_with_one_that_remembers_everything(looks: list[tuple[float, list[str]]]) -> None:
    rules = FieldRules(minimum_reads=2, gone_after_s=1.5, most_tags=500)
    field, now = TagField(rules), 0.0
    history: dict[str, list[float]] = {}
    for pause, epcs in looks:
        now += pause
        field.expire(now)  # the worker looks every twentieth of a second
        field.take(heard(*epcs), now)
        for epc in epcs:
            history.setdefault(epc, []).append(now)
        there = set()
        for epc, times in history.items():
            # Oracle: walk back from the last answer over pauses of at most 1.5 s; two answers in that run count.
            run, later = 0, now
            for at in reversed(times):
                if later - at > 1.5:
                    break
                run, later = run + 1, at
            if run >= 2:
                there.add(epc)
        assert set(field.tags) == there
