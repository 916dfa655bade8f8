"""A call to the gateway ends in time, in size, and with a certain word for whether anything left the till."""

import contextlib
import datetime as dt
import io
import socket
import ssl
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.payments.alipay.gateway import LARGEST_ANSWER_BYTES, Gateway, NoAnswer, NotSent

OK = b"HTTP/1.1 200 OK\r\n"


@contextlib.contextmanager
def listening(talk):
    """A server that does with every connection what a test says."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection, contextlib.suppress(OSError, ssl.SSLError):
                        talk(connection, ended)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            ended.set()
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def asked(port, within_s=5, scheme="http"):
    return Gateway(f"{scheme}://127.0.0.1:{port}/gateway.do").ask({"method": "x"}, {"biz_content": "{}"}, within_s)


def reading(connection):
    received = b""
    while b"biz_content" not in received:
        received += connection.recv(65536)
    return received


def test_an_answer_is_its_body():
    def talk(connection, _ended):
        reading(connection)
        connection.sendall(OK + b"Content-Length: 4\r\n\r\ntrue")

    with listening(talk) as port:
        assert asked(port) == b"true"


def test_a_port_that_nobody_listens_on_says_that_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(NotSent, match="NO-CONNECTION"):
        asked(port)


def test_a_server_that_proves_nothing_is_sent_nothing(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "openapi.alipay.com")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(days=1))
        .sign(key, SHA256())
    )  # fmt: skip
    file = tmp_path / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    heard = []

    def talk(connection, _ended):
        with context.wrap_socket(connection, server_side=True) as secured:
            heard.append(secured.recv(10))

    with listening(talk) as port, pytest.raises(NotSent, match="CERTIFICATE"):
        asked(port, scheme="https")
    assert not any(heard)


@pytest.mark.parametrize("said", [b"", OK + b"Content-Length: 900\r\n\r\n"])
def test_a_server_that_sends_a_letter_now_and_then_does_not_hold_the_till(said):
    def talk(connection, ended):
        reading(connection)
        connection.sendall(said)
        while not ended.wait(1 / 50):
            connection.sendall(b"x")

    before = time.monotonic()
    # Each letter comes long before any limit of the socket: only the limit of the whole call ends it.
    with listening(talk) as port, pytest.raises(NoAnswer):
        asked(port, within_s=1)
    assert time.monotonic() - before < 10


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "CONNECTION-LOST"),
        (b"nonsense\r\n\r\n", "CONNECTION-LOST"),
        (OK + b"Content-Length: 9\r\n\r\nhalf", "CONNECTION-LOST"),
        (OK + b"Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", "COMPRESSED"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "HTTP-302"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "HTTP-502"),
        (OK + b"Connection: close\r\n\r\n" + b"x" * (LARGEST_ANSWER_BYTES + 1), "TOO-LARGE"),
    ],
)
def test_what_is_no_whole_plain_answer_says_that_it_may_have_arrived(answer, why):
    def talk(connection, _ended):
        reading(connection)
        connection.sendall(answer)

    with listening(talk) as port, pytest.raises(NoAnswer, match=why):
        asked(port)


def test_a_file_is_fetched_up_to_a_size():
    def talk(connection, _ended):
        connection.recv(65536)
        connection.sendall(OK + b"Connection: close\r\n\r\n" + b"x" * 100_000)

    with listening(talk) as port:
        gateway = Gateway(f"http://127.0.0.1:{port}/")
        file = io.BytesIO()
        gateway.download(f"http://127.0.0.1:{port}/bill", file, 100_000, 10)
        with pytest.raises(NoAnswer, match="TOO-LARGE"):
            gateway.download(f"http://127.0.0.1:{port}/bill", io.BytesIO(), 99_999, 10)
    assert file.getvalue() == b"x" * 100_000


def test_a_proxy_that_is_not_configured_is_not_used(monkeypatch):
    def talk(connection, _ended):
        reading(connection)
        connection.sendall(OK + b"Content-Length: 4\r\n\r\ntrue")

    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with listening(talk) as port:
        assert asked(port) == b"true"
