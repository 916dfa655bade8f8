"""What a receipt says of weighed goods."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.sales.receipt_elements import Row, TextLine
from app.sales.receipt_items import item_lines
from app.sales.sale import WeightSource
from app.values.money import CNY


def printed(samples: SimpleNamespace, **changes: object) -> list[object]:
    apples = replace(samples.LINES[1], **changes)
    return list(item_lines(apples, CNY, samples.ENGLISH_SPEECH, compact=True))


def test_the_tare_stands_beneath_the_net_weight(samples: SimpleNamespace) -> None:
    assert printed(samples, weighed_by=WeightSource.SCALE, tare_grams=25) == [
        TextLine("Fuji apples"),
        Row("1.245 kg × 9.90/kg", "12.33", indent=2),
        TextLine("Tare 25 g taken off", indent=2),
    ]


def test_a_weight_keyed_by_hand_is_marked(samples: SimpleNamespace) -> None:
    assert printed(samples, weighed_by=WeightSource.KEYED)[2:] == [TextLine("Weight keyed in", indent=2)]


@pytest.mark.parametrize("source", [WeightSource.SCALE, WeightSource.LABEL, None])
def test_other_weights_need_no_word(samples: SimpleNamespace, source: WeightSource | None) -> None:
    assert len(printed(samples, weighed_by=source)) == 2
