"""A telephone number typed where codes are typed: the way to the member is said, and the number comes along."""

from dataclasses import replace
from typing import Any

import pytest

from app.checkout.member_requests import ShowMember
from app.checkout.requests import DismissNotice
from app.checkout.state import CodeNotKnown
from app.checkout.views import Notice, Severity
from app.values.wording import wording
from ui.presenters.member import looks_like_phone

NUMBER = "13812345678"
UNKNOWN = Notice(Severity.BAD, wording("{code} is not in the catalogue.", code=NUMBER), CodeNotKnown.code)


def said(stage: Any) -> str:
    return str(stage.checkout.find("noticeSentence").text())


@pytest.mark.parametrize("text", ["6901234567892", "23812345678", "1381234567", "1381234567x", "138*1234567"])
def test_a_code_is_no_phone_number(text: str) -> None:
    assert not looks_like_phone(text)


def test_f4_takes_a_number_from_the_entry_line_into_the_members_pane(stage: Any, shop: Any) -> None:
    stage.show(shop.nobody)
    stage.checkout.type(NUMBER)
    stage.checkout.press("F4")
    assert isinstance(stage.asked[-1], ShowMember)
    stage.show(shop.find)
    assert stage.checkout.find("memberPhone").text() == NUMBER
    assert stage.checkout.screens.desk.status_bar.entry.text() == ""


def test_a_number_that_is_no_code_points_to_f4_which_takes_it_along(stage: Any, shop: Any) -> None:
    stage.show(shop.nobody)
    stage.checkout.type(NUMBER)
    stage.checkout.press("Return")
    stage.show(replace(shop.nobody, notice=UNKNOWN))
    assert "F4" in said(stage)
    assert NUMBER not in said(stage)
    stage.checkout.press("F4")
    stage.show(shop.find)
    assert stage.checkout.find("memberPhone").text() == NUMBER
    stage.show(shop.nobody)
    stage.show(shop.find)
    assert stage.checkout.find("memberPhone").text() == "", "once"


def test_the_till_is_told_that_the_pointing_notice_was_put_away(stage: Any, shop: Any) -> None:
    stage.show(shop.nobody)
    stage.checkout.type(NUMBER)
    stage.checkout.press("Return")
    stage.show(replace(shop.nobody, notice=UNKNOWN))
    stage.checkout.press("Esc", "Esc")
    assert DismissNotice() in stage.asked


@pytest.mark.parametrize("where", ["no members", "member named", "other code"])
def test_the_tills_own_sentence_stays_where_f4_would_find_nobody(stage: Any, shop: Any, where: str) -> None:
    view = shop.selling if where == "member named" else shop.nobody
    if where == "no members":
        view = replace(view, shopper=replace(view.shopper, can_enrol=False))
    stage.show(view)
    stage.checkout.type("4711" if where == "other code" else NUMBER)
    stage.checkout.press("Return")
    stage.show(replace(view, notice=UNKNOWN))
    assert said(stage) == f"{NUMBER} is not in the catalogue."
