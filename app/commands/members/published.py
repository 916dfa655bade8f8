"""`headquarters promotions …`: gives the tills of a merchant their promotion rules, and takes them back."""

import tomllib
from pathlib import Path
from typing import Final

import msgspec

from app.commands.members.office import Asked, NotDone, opened, print_json, print_sentence
from app.commands.promotions import rules_data
from app.commands.promotions_on_file import require_of_store
from app.members.published_rules import WITHDRAWN, PublishedRules, version_of
from app.promotions.rules import Rules, read_rules
from app.values.wording import wording

_SHORT: Final = 12
"""Letters of a version that tell it to a person."""


def publish_rules(asked: Asked, file: Path) -> int:
    """Check rules and have every till go by them from its next basket on; the same rules again change nothing.

    Raises:
        BadRules: they cannot be read, contradict themselves, or are for another currency or time zone.
        NotDone: they are too large for the tills.
    """
    with opened(asked) as office:
        content, rules = as_sent(file)
        require_of_store(rules, currency=office.till.currency.code, time_zone=str(office.till.zone))
        _require_sendable(content)
        version = office.book.publish_promotions(content)
    if asked.as_json:
        print_json({"version": version, "rules_version": rules.version, "offers": len(rules.offers)})
        return 0
    print_sentence(
        asked,
        wording(
            "{count} offers are published, version {version}. Each till takes them within minutes, before a basket.",
            count=len(rules.offers),
            version=version[:_SHORT],
        ),
    )
    return 0


def withdraw_rules(asked: Asked) -> int:
    """Take back what was published: the tills go by their own rules again, where they have any.

    Raises:
        NotDone: nothing is published.
    """
    with opened(asked) as office:
        done = office.book.withdraw_promotions()
    if not done:
        raise NotDone(_NOTHING)
    print_sentence(asked, wording("The promotions are withdrawn. Each till goes by its own again, where it has any."))
    return 0


def show_rules(asked: Asked, out: Path | None) -> int:
    """Say what is published, and write it to a file where one is named.

    Raises:
        NotDone: nothing is published, or the file cannot be written.
    """
    with opened(asked) as office:
        kept = office.book.published_promotions()
    if kept is None or kept.version == WITHDRAWN:
        raise NotDone(_NOTHING)
    rules = read_rules(kept.content, as_json=True)
    if out is not None:
        try:
            out.write_bytes(kept.content)
        except OSError as error:
            raise NotDone(
                wording("{file} cannot be written: {reason}", file=str(out), reason=error.strerror or "")
            ) from error
    if asked.as_json:
        print_json(
            {
                "version": kept.version,
                "rules_version": rules.version,
                "offers": len(rules.offers),
                "published_at": kept.published_at,
            }
        )
        return 0
    print_sentence(
        asked,
        wording(
            "{count} offers, version {version}, published {time}.",
            count=len(rules.offers),
            version=kept.version[:_SHORT],
            time=f"{kept.published_at.astimezone():%Y-%m-%d %H:%M}",
        ),
    )
    return 0


def as_sent(file: Path) -> tuple[bytes, Rules]:
    """Read rules, TOML or JSON, and return them as the tills get them: as JSON, and what a till makes of that.

    Raises:
        BadRules: they cannot be read or contradict themselves.
    """
    data, as_json = rules_data(file)
    # First as they were written, so that what is wrong is said of that.
    read_rules(data, as_json=as_json)
    plain = msgspec.json.decode(data) if as_json else tomllib.loads(data.decode("utf-8"))
    content = msgspec.json.encode(plain)
    return content, read_rules(content, as_json=True)


def _require_sendable(content: bytes) -> None:
    from app.sync.members.published import said_of

    try:
        said_of(PublishedRules(version_of(content), content))
    except ValueError as error:
        raise NotDone(
            wording("These promotions are too large to be sent to tills. Take offers out that are over.")
        ) from error


_NOTHING: Final = wording("No promotions are published.")
