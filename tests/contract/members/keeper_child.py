"""A headquarters in a process of its own that is killed at a named moment of a named call; run by test_faults.py."""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))


def main() -> None:
    from sqlalchemy import event

    from app.headquarters.members import KeeperTerms, open_member_book
    from app.headquarters.members.server import MemberServer
    from app.members.privacy import PrivacyNotice, Purpose
    from app.members.tiers import Tier, TierLadder
    from app.values.clock import FixedClock
    from app.values.wording import LocalizedText

    path, moment, countdown = sys.argv[1], sys.argv[2], int(sys.argv[3])
    now = datetime(2026, 5, 1, 4, tzinfo=UTC)
    terms = KeeperTerms(
        "shop",
        TierLadder((Tier("base", LocalizedText("Member"), 0),)),
        PrivacyNotice(2, now, LocalizedText("Notice"), tuple(Purpose)),
    )
    book = open_member_book(path, FixedClock(now), terms)
    token = book.add_till("0001-01", 1)
    server = MemberServer(book)
    server.start()
    left = [countdown]
    engine = book._database._engine

    def die(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    if moment == "statement":
        event.listen(engine, "after_cursor_execute", die)
    elif moment == "answer":
        take_in = type(book).take_in

        def answered(self: object, facts: object) -> object:
            done = take_in(self, facts)
            die()
            return done

        type(book).take_in = answered
    print(server.base_url, token, flush=True)
    server.wait()


if __name__ == "__main__":
    main()
