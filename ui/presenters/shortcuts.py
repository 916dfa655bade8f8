"""Every key of the cashier's window in one table: the key bar, the overlay and the routing all read it."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.values.wording import Wording, wording


class Action(Enum):
    """What a key or a touch can ask of the cashier's window."""

    HELP = "help"
    QUANTITY = "quantity"
    FIND = "find"
    MEMBER = "member"
    DEAL = "deal"
    BEST_COUPONS = "best_coupons"
    PRICE = "price"
    SUSPEND = "suspend"
    RECALL = "recall"
    DISCOUNT = "discount"
    VOID_LINE = "void_line"
    NOTE = "note"
    DRAWER = "drawer"
    REPRINT = "reprint"
    RECEIPT = "receipt"
    WORKLIST = "worklist"
    ABANDON = "abandon"
    MORE = "more"
    PAY = "pay"
    LINE_UP = "line_up"
    LINE_DOWN = "line_down"
    PAGE_BACK = "page_back"
    PAGE_ON = "page_on"
    BACK = "back"
    THEME = "theme"
    LANGUAGE = "language"
    FULLSCREEN = "fullscreen"
    INPUT_METHOD = "input_method"
    DEVICES = "devices"


class Group(Enum):
    """How the overlay groups the keys."""

    SELL = "sell"
    LINE = "line"
    SHOPPER = "shopper"
    BASKET = "basket"
    SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One key with the words for it."""

    action: Action
    key: str
    """As Qt writes a key sequence in portable form, such as `F2` or `Ctrl+L`."""

    label: Wording
    """On the key."""

    explanation: Wording
    """In the overlay."""

    group: Group
    icon: str = ""
    """Name in the Material Design set."""

    on_bar: bool = False
    in_more: bool = False


SHORTCUTS: Final[tuple[Shortcut, ...]] = (
    Shortcut(
        Action.HELP,
        "F1",
        wording("Help"),
        wording("Show or hide all keys"),
        Group.SCREEN,
        "help-circle-outline",
        on_bar=True,
    ),
    Shortcut(
        Action.QUANTITY,
        "F2",
        wording("Quantity"),
        wording("Quantity of the line, or of the next product"),
        Group.LINE,
        "counter",
        on_bar=True,
    ),
    Shortcut(
        Action.FIND,
        "F3",
        wording("Find"),
        wording("Type a barcode, PLU, name, pinyin; 3* sells three"),
        Group.SELL,
        "magnify",
        on_bar=True,
    ),
    Shortcut(
        Action.MEMBER,
        "F4",
        wording("Member"),
        wording("Member and coupons"),
        Group.SHOPPER,
        "account-outline",
        on_bar=True,
    ),
    Shortcut(
        Action.SUSPEND,
        "F5",
        wording("Suspend"),
        wording("Put the basket aside for later"),
        Group.BASKET,
        "pause-circle-outline",
        on_bar=True,
    ),
    Shortcut(
        Action.RECALL,
        "F6",
        wording("Recall"),
        wording("Bring back a basket that was put aside"),
        Group.BASKET,
        "play-circle-outline",
        on_bar=True,
    ),
    Shortcut(
        Action.DISCOUNT,
        "F7",
        wording("Discount"),
        wording("Give a discount on the line or the basket"),
        Group.LINE,
        "percent-outline",
        on_bar=True,
    ),
    Shortcut(
        Action.VOID_LINE,
        "F8",
        wording("Void line"),
        wording("Void the selected line"),
        Group.LINE,
        "close-circle-outline",
        on_bar=True,
    ),
    Shortcut(
        Action.DRAWER,
        "F10",
        wording("Drawer"),
        wording("Open the cash drawer without a sale"),
        Group.BASKET,
        "cash-register",
        on_bar=True,
    ),
    Shortcut(
        Action.PRICE,
        "Shift+F2",
        wording("Price"),
        wording("Change the line's price, with a reason"),
        Group.LINE,
        "currency-cny",
        in_more=True,
    ),
    Shortcut(
        Action.DEAL,
        "Shift+F4",
        wording("Offers explained"),
        wording("What was given, and why"),
        Group.SHOPPER,
        "tag-search-outline",
        in_more=True,
    ),
    Shortcut(
        Action.BEST_COUPONS,
        "Ctrl+F4",
        wording("Best coupons"),
        wording("Use the best coupons"),
        Group.SHOPPER,
        "ticket-percent-outline",
    ),
    Shortcut(
        Action.NOTE,
        "Shift+F5",
        wording("Note"),
        wording("Write a note on the basket"),
        Group.BASKET,
        "note-edit-outline",
        in_more=True,
    ),
    Shortcut(
        Action.REPRINT,
        "Shift+F10",
        wording("Print copy"),
        wording("Print the last receipt again as a copy"),
        Group.BASKET,
        "printer-outline",
        in_more=True,
    ),
    Shortcut(
        Action.RECEIPT,
        "Shift+F6",
        wording("Find receipt"),
        wording("Look up a receipt; give money back"),
        Group.BASKET,
        "receipt-text-outline",
        in_more=True,
    ),
    Shortcut(
        Action.WORKLIST,
        "Shift+F7",
        wording("Payments to check"),
        wording("Payments to look at"),
        Group.BASKET,
        "clipboard-alert-outline",
        in_more=True,
    ),
    Shortcut(
        Action.ABANDON,
        "Shift+F8",
        wording("Give up basket"),
        wording("Give up the whole basket, with a reason"),
        Group.BASKET,
        "cart-remove",
        in_more=True,
    ),
    Shortcut(
        Action.LANGUAGE,
        "Ctrl+L",
        wording("Language"),
        wording("Next language"),
        Group.SCREEN,
        "translate",
        in_more=True,
    ),
    Shortcut(
        Action.THEME,
        "Ctrl+T",
        wording("Theme"),
        wording("Light, dark, high contrast"),
        Group.SCREEN,
        "theme-light-dark",
        in_more=True,
    ),
    Shortcut(
        Action.FULLSCREEN,
        "Ctrl+F11",
        wording("Full screen"),
        wording("Fill the screen, or not"),
        Group.SCREEN,
        "fullscreen",
        in_more=True,
    ),
    Shortcut(
        Action.INPUT_METHOD,
        "Ctrl+I",
        wording("Chinese typing"),
        wording("Switch the input method in the entry line on or off"),
        Group.SCREEN,
        "keyboard-outline",
        in_more=True,
    ),
    Shortcut(
        Action.DEVICES,
        "Ctrl+D",
        wording("Devices"),
        wording("See and try the till's devices"),
        Group.SCREEN,
        "connection",
        in_more=True,
    ),
    Shortcut(Action.LINE_UP, "Up", wording("Line up"), wording("Select the line or result above"), Group.LINE),
    Shortcut(Action.LINE_DOWN, "Down", wording("Line down"), wording("Select the line or result below"), Group.LINE),
    Shortcut(Action.PAGE_BACK, "PgUp", wording("Page before"), wording("Quick keys of the page before"), Group.SELL),
    Shortcut(Action.PAGE_ON, "PgDown", wording("Next page"), wording("Quick keys of the next page"), Group.SELL),
    Shortcut(
        Action.BACK, "Esc", wording("Back"), wording("Leave a question, a pane or payment; clear a message"), Group.SELL
    ),
    Shortcut(
        Action.MORE,
        "Menu",
        wording("More"),
        wording("Price, note, copy, language, theme and the rest"),
        Group.SCREEN,
        "dots-horizontal",
        on_bar=True,
    ),
    Shortcut(
        Action.PAY,
        "F12",
        wording("Pay"),
        wording("Go to payment; there: take the exact amount in cash"),
        Group.SELL,
        "cash-multiple",
        on_bar=True,
    ),
)

EXTRA_KEYS: Final = (
    ("F9", Action.MORE),
    ("Del", Action.VOID_LINE),
)
"""Second keys for the same action; Delete only counts while the entry line is empty."""

PAYMENT_KEYS: Final[tuple[tuple[str, Wording], ...]] = (
    ("Enter", wording("Take the amount typed; empty: the exact amount in cash")),
    ("F2 … F7", wording("Take one of the suggested amounts in cash")),
    ("Ctrl+1 … 9", wording("Take a tender: the amount typed, or all that is left")),
    ("F8", wording("Hand back the selected tender")),
    ("Esc", wording("Back to the basket")),
)
"""What the overlay says of the tender pane."""

ACCEPT_ANYWAY_KEY: Final = "F6"
GIVE_UP_KEY: Final = "F7"
CONFIRM_KEY: Final = "F4"
"""While a payment is waited for; Enter and figures, which a hand may already be about to press, do nothing then."""

WAITING_KEYS: Final[tuple[tuple[str, Wording], ...]] = (
    ("Esc", wording("Take the payment back")),
    ("F5", wording("Put the basket aside and serve the next shopper")),
    (CONFIRM_KEY, wording("Say that the money has come, where you look it up")),
    (f"{ACCEPT_ANYWAY_KEY}  {GIVE_UP_KEY}", wording("Supervisor: accept it anyway, or give it up")),
)
"""What the overlay says of a payment that is waited for."""

RECEIPT_KEYS: Final[tuple[tuple[str, Wording], ...]] = (
    ("Ctrl+1 … 9", wording("Choose a tender, or a payment to check")),
    ("F2 … F7", wording("Choose the reason")),
    ("Enter", wording("Give back the amount typed; empty: all of it")),
)
"""What the overlay says of a receipt and of the payments to check."""

ENROL_KEY: Final = "F6"
"""Takes a new member in; Enter, which a hand may press twice after a telephone number, does not."""

MEMBER_KEYS: Final[tuple[tuple[str, Wording], ...]] = (
    ("Enter", wording("Find the member with the phone number")),
    ("Ctrl+1 … 9", wording("Use a coupon, or keep it for another time")),
    ("Ctrl+0", wording("The basket is for nobody known")),
    (ENROL_KEY, wording("Take a new member in")),
    ("PgUp  PgDown", wording("Scroll the notice or the list")),
)
"""What the overlay says of the member's pane and of the explanation."""

WEIGHING_KEYS: Final[tuple[tuple[str, Wording], ...]] = (
    ("Enter", wording("Take the weight on the scale")),
    ("F2", wording("Key in the weight; so does a digit")),
    ("F3", wording("Key in a tare")),
    ("F4", wording("Set the scale to zero")),
    ("Ctrl+0 … 9", wording("Choose a container; 0: none")),
)
"""What the overlay says of the weighing pane."""

SUGGESTION_KEYS: Final = ("F2", "F3", "F4", "F5", "F6", "F7")


def shortcut_of(action: Action) -> Shortcut:
    """Return the table's entry for an action.

    Raises:
        KeyError: if the table has none, which is a bug.
    """
    for shortcut in SHORTCUTS:
        if shortcut.action is action:
            return shortcut
    raise KeyError(action)


_ACTIONS_BY_KEY: Final = {shortcut.key: shortcut.action for shortcut in SHORTCUTS} | dict(EXTRA_KEYS)


def action_of(key: str) -> Action | None:
    """Return what a key means while selling, or None where it is typing."""
    return _ACTIONS_BY_KEY.get(key)


def shown_key(key: str) -> str:
    """Return a key as it stands on a button: the menu key has a second name that every keyboard has."""
    return "F9" if key == "Menu" else key
