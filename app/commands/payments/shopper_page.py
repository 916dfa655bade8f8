"""A page in a browser of this computer on which a person plays the shopper at simulated payments."""

import html
import logging
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from app.commands.payments.simulators import PlayedProvider
from app.values.money import CNY, format_minor
from app.values.speech import Speech
from app.values.wording import Wording, wording

_log: Final = logging.getLogger(__name__)

SHOPPER_PORT: Final = 8098
"""Where the page is unless the port is taken."""

_LARGEST_FORM: Final = 4096
_LOOKS_EACH_SECOND: Final = 20
_IDLE_S: Final = 5

_SHOPPERS: Final[Mapping[str, tuple[Wording, Mapping[str, Any]]]] = {
    "willing": (wording("pays at once"), {}),
    "password": (wording("keys a password in first"), {"keys_password_after": 2}),
    "leaves": (wording("walks away from the question for the password"), {"never_confirms": True}),
    "poor": (wording("has not enough money"), {}),
}
"""What a shopper does, and how the simulators are told."""

_NOT_ENOUGH: Final = {"wechat": "NOT_ENOUGH", "alipay": "ACQ.BUYER_BALANCE_NOT_ENOUGH"}
_STYLE: Final = (
    "body{font:16px/1.5 sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1c2833}"
    "section{border:1px solid #ccd1d1;border-radius:8px;padding:1rem;margin:1rem 0}"
    "button{font:inherit;padding:.5rem 1.2rem}code{font-size:1.5rem;letter-spacing:.1em}svg{width:12rem;height:12rem}"
)


class ShopperPage:
    """The page and its server; only this computer reaches it."""

    def __init__(
        self, played: Callable[[], Mapping[str, PlayedProvider]], speech: Speech, port: int = SHOPPER_PORT
    ) -> None:
        """Prepare.

        Args:
            played: returns the providers that are played now, by their id.
            speech: the language of the page.
            port: where to listen; another one where it is taken.
        """
        self._played = played
        self._speech = speech
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """What to open in a browser; empty while it is not served."""
        return f"http://127.0.0.1:{self._port}/" if self._server is not None else ""

    def start(self) -> None:
        """Serve the page in the background.

        Raises:
            OSError: there is no port for it.
        """
        try:
            self._server = _Server(self._port, self)
        except OSError:
            self._server = _Server(0, self)
        self._port = int(self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(1 / _LOOKS_EACH_SECOND,), name="shopper-page", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Serve it no longer."""
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is not None and thread is not None:
            server.shutdown()
            thread.join()
            server.server_close()

    # On the threads of the server.

    def is_ours(self, address: str) -> bool:
        """Return whether a request is meant for this page: a page of others, opened here, may send some too."""
        return address in {f"127.0.0.1:{self._port}", f"localhost:{self._port}"}

    def shown(self) -> str:
        """Return the page: what waits for its shopper, and where codes come from."""
        played = self._played()
        say = self._speech.say
        hint = say(wording("Payments are simulated at this till. Play the shopper here."))
        parts = [f"<p>{_e(hint)}</p>"]
        for provider in played.values():
            parts.append(f"<section><h2>{_e(provider.provider_id)}</h2>")
            parts += [self._waiting(provider.provider_id, one) for one in provider.simulator.waiting()]
            parts.append(self._new_code(provider.provider_id))
            parts.append("</section>")
        return self._page("".join(parts), refresh=True)

    def pay(self, provider_id: str, number: str) -> str:
        """Have a shopper pay; return the page that says what came of it."""
        provider = self._played().get(provider_id)
        paid = provider is not None and provider.simulator.shopper_pays(number)
        sentence = wording("The shopper has paid.") if paid else wording("There is nothing to pay there any more.")
        return self._page(f"<p>{_e(self._speech.say(sentence))}</p>{self._back()}")

    def new_code(self, provider_id: str, shopper: str) -> str | None:
        """Return the page with a new payment code; None where there is no such provider or shopper."""
        provider = self._played().get(provider_id)
        if provider is None or shopper not in _SHOPPERS:
            return None
        code = provider.simulator.issue_code(_shopper_of(provider.driver, shopper))
        sentence = self._speech.say(
            wording("Scan this code at the till, or key its digits in. It is good for a minute.")
        )
        return self._page(f"<p>{_e(sentence)}</p><p><code>{_e(code)}</code></p>{_picture(code)}{self._back()}")

    def _waiting(self, provider_id: str, payment: Any) -> str:  # noqa: ANN401 - each simulator's own kind of order
        amount = f"{CNY.symbol}{format_minor(payment.amount_minor, CNY)}"
        label = self._speech.say(wording("Pay {amount}", amount=amount))
        return (
            f'<form method="post" action="/pay"><input type="hidden" name="provider" value="{_e(provider_id)}">'
            f'<input type="hidden" name="number" value="{_e(payment.number)}"><button>{_e(label)}</button>'
            f" <small>{_e(payment.number)}</small></form>"
        )

    def _new_code(self, provider_id: str) -> str:
        choices = "".join(
            f'<option value="{name}">{_e(self._speech.say(sentence))}</option>'
            for name, (sentence, _) in _SHOPPERS.items()
        )
        label = self._speech.say(wording("New payment code of a shopper who"))
        button = self._speech.say(wording("Show"))
        return (
            f'<form method="post" action="/code"><input type="hidden" name="provider" value="{_e(provider_id)}">'
            f'<p><label>{_e(label)} <select name="shopper">{choices}</select></label>'
            f" <button>{_e(button)}</button></p></form>"
        )

    def _back(self) -> str:
        back = self._speech.say(wording("Back"))
        return f'<p><a href="/">{_e(back)}</a></p>'

    def _page(self, body: str, *, refresh: bool = False) -> str:
        title = _e(self._speech.say(wording("The shopper")))
        # The page looks again by itself, unless somebody is choosing on it.
        again = (
            "<script>setInterval(()=>{if(document.activeElement===document.body)location.reload()},2000)</script>"
            if refresh
            else ""
        )
        language = self._speech.language.replace("_", "-")
        return (
            f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
            f"<style>{_STYLE}</style></head><body><h1>{title}</h1>{body}{again}</body></html>"
        )


def _shopper_of(driver: str, name: str) -> object:
    fields = dict(_SHOPPERS[name][1])
    if name == "poor":
        fields["refused_with"] = _NOT_ENOUGH[driver]
    if driver == "wechat":
        from app.payments.wechat.simulator_faults import Shopper as WechatShopper

        return WechatShopper(**fields)
    from app.payments.alipay.simulator_faults import Shopper as AlipayShopper

    return AlipayShopper(**fields)


def _picture(code: str) -> str:
    import qrcode
    from qrcode.image.svg import SvgPathImage

    picture: bytes = qrcode.make(code, image_factory=SvgPathImage).to_string()
    return picture.decode()


def _e(text: str) -> str:
    return html.escape(text, quote=True)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = False

    def __init__(self, port: int, page: ShopperPage) -> None:
        self.page = page
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - as in the base class
        """Note a fault; a browser that goes away is nothing to speak of."""
        _log.debug("shopper_page_connection_ended", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _IDLE_S

    def do_GET(self) -> None:
        """Show the page."""
        if self._refused():
            return
        if urlsplit(self.path).path == "/":
            self._send(200, self.server.page.shown())
        else:
            self._send(404, "")

    def do_POST(self) -> None:
        """Do what a button says."""
        length = self.headers.get("Content-Length", "0")
        size = int(length) if length.isascii() and length.isdecimal() else _LARGEST_FORM + 1
        if self._refused() or size > _LARGEST_FORM:
            return
        fields = {key: values[0] for key, values in parse_qs(self.rfile.read(size).decode("utf-8", "replace")).items()}
        provider = fields.get("provider", "")
        if self.path == "/pay":
            self._send(200, self.server.page.pay(provider, fields.get("number", "")))
            return
        page = self.server.page.new_code(provider, fields.get("shopper", "willing")) if self.path == "/code" else None
        self._send(404 if page is None else 200, page or "")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the library gives it
        """Say nothing: a form holds numbers."""

    def _refused(self) -> bool:
        origin = self.headers.get("Origin")
        # A page of others can hide where it comes from behind the origin `null`: only no origin at all is none.
        ours = self.server.page.is_ours(self.headers.get("Host", "")) and (
            origin is None or self.server.page.is_ours(urlsplit(origin).netloc)
        )
        if not ours:
            self._send(403, "")
        return not ours

    def _send(self, status: int, page: str) -> None:
        body = page.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)
