"""`headquarters …`: serves the book of members to the tills of a merchant, and says which tills may ask."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.commands.members.office import Asked, NotDone, opened, print_json, print_row, print_sentence
from app.commands.payments.show import until_interrupted
from app.values.wording import wording

_TILL: Final = re.compile(r"(\d{4})-\d{2}", re.ASCII)
"""What a till calls itself: the number of its store and its own."""


@dataclass(frozen=True, slots=True)
class ServeRequest:
    """Where headquarters is to listen."""

    host: str
    port: int
    certificate: Path | None = None
    """PEM; without one it listens on this computer only, for a proxy that has one."""

    private_key: Path | None = None


def serve(asked: Asked, request: ServeRequest, wait: Callable[[], None] = until_interrupted) -> int:
    """Answer tills until `wait` returns.

    Raises:
        CannotServe: the port is taken, the certificate is wrong, or others could ask without one.
        NotDone: a certificate without its key.
    """
    from app.headquarters.members.server import MemberServer

    if (request.certificate is None) != (request.private_key is None):
        raise NotDone(wording("A certificate and its private key belong together. Name both, or neither."))
    pair = None
    if request.certificate is not None and request.private_key is not None:
        pair = (request.certificate, request.private_key)
    with opened(asked) as office:
        server = MemberServer(office.book, port=request.port, host=request.host, certificate=pair)
        server.start()
        try:
            print_sentence(
                asked,
                wording(
                    "Headquarters answers at {address} and knows {count} tills. Ctrl+C ends it.",
                    address=server.base_url,
                    count=len(office.book.tills()),
                ),
            )
            wait()
        finally:
            server.stop()
    return 0


def admit_till(asked: Asked, till_id: str, store_number: int) -> int:
    """Let a till ask, and print its token, once; an earlier token of the same till is no longer good.

    Raises:
        NotDone: no till calls itself so, or it stands in another store.
    """
    named = _TILL.fullmatch(till_id)
    if named is None:
        raise NotDone(
            wording(
                "{till} is no till. Write the number of its store and its own, such as 0001-03; its doctor says it.",
                till=till_id[:40],
            )
        )
    if int(named[1]) != store_number:
        raise NotDone(
            wording(
                "Till {till} stands in store {number}, not in store {store}. Correct one of the two.",
                till=till_id,
                number=int(named[1]),
                store=store_number,
            )
        )
    with opened(asked) as office:
        token = office.book.add_till(till_id, store_number)
    if asked.as_json:
        print_json({"till": till_id, "token": token})
        return 0
    print_row(asked, token)
    print_sentence(
        asked,
        wording(
            "This is the token of till {till}. It is shown once: put it into the keyring of that till with"
            " keyring set guitai headquarters.",
            till=till_id,
        ),
    )
    return 0


def dismiss_till(asked: Asked, till_id: str, *, lost: bool) -> int:
    """Let a till ask no more; one whose records were lost gives back what it had set aside.

    Raises:
        NotDone: there is no such till.
    """
    with opened(asked) as office:
        known = office.book.remove_till(till_id)
        freed = office.book.declare_dead(till_id) if lost else 0
    if not known and not freed:
        raise NotDone(wording("No till {till} may ask. Look at the list.", till=till_id[:40]))
    print_sentence(asked, wording("Till {till} may not ask any more; {count} shares ended.", till=till_id, count=freed))
    return 0


def list_tills(asked: Asked) -> int:
    """Print the tills that may ask."""
    with opened(asked) as office:
        tills = office.book.tills()
    if asked.as_json:
        print_json(tills)
        return 0
    for till in tills:
        print_row(asked, till.till_id, wording("store {number}", number=till.store_number))
    if not tills:
        print_sentence(asked, wording("No till may ask yet."))
    return 0
