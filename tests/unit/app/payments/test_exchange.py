import io
import socket
import threading

import pytest

from app.payments.exchange import MAX_ANSWER_BYTES, HttpRequest, NoAnswer, NotSent, download, exchange


class Counterpart:
    """A server that does what a test says with one connection."""

    def __init__(self, behave):
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._behave = behave
        self.heard = b""
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._serve)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()
        self._listening.close()

    def _serve(self):
        line, _ = self._listening.accept()
        with line:
            while b"\r\n\r\n" not in self.heard:
                self.heard += line.recv(65_536)
            try:
                self._behave(line, self.done)
            except OSError:
                return


def answers(data):
    return lambda line, done: line.sendall(data)


def test_an_answer_comes_back_whole_with_its_headers():
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nWechatpay-Nonce: n\r\n\r\n{}"
    with Counterpart(answers(reply)) as other:
        got = exchange(HttpRequest("GET", other.url + "/v3/x?a=%E5%BA%97", {"Accept": "*/*"}), total_s=5)
    assert (got.status, got.body, got.headers["wechatpay-nonce"]) == (200, b"{}", "n")
    assert other.heard.startswith(b"GET /v3/x?a=%E5%BA%97 HTTP/1.1\r\n"), "what was signed is what is sent"


def test_a_redirect_is_not_followed():
    with Counterpart(
        answers(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
    ) as other:
        assert exchange(HttpRequest("GET", other.url + "/", {}), total_s=5).status == 302


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 2_000_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 500,
    ],
    ids=["nothing", "no-http", "cut-off", "too-long", "bad-chunks", "long-header", "many-headers"],
)
def test_an_answer_that_is_not_whole_is_none(data):
    with Counterpart(answers(data)) as other, pytest.raises(NoAnswer):
        exchange(HttpRequest("POST", other.url + "/", {}, b"{}"), total_s=5)


def drip(line, done):
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while not done.wait(1 / 20):
        line.sendall(b"x")


def drip_headers(line, done):
    line.sendall(b"HTTP/1.1 200 OK\r\n")
    while not done.wait(1 / 20):
        line.sendall(b"X: x\r\n")


@pytest.mark.parametrize("behave", [drip, drip_headers, lambda line, done: done.wait(10)])
def test_a_server_that_drips_its_answer_is_left_when_the_time_is_over(behave):
    with Counterpart(behave) as other, pytest.raises(NoAnswer):
        exchange(HttpRequest("GET", other.url + "/", {}), total_s=1)


def test_where_nobody_listens_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as place:
        url = f"http://127.0.0.1:{place.getsockname()[1]}/"
    with pytest.raises(NotSent):
        exchange(HttpRequest("POST", url, {}, b"{}"), total_s=5)


def test_where_a_certificate_is_needed_and_none_comes_nothing_was_sent():
    hello = bytearray()

    def no_tls(line, done):
        line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as place:

        def serve():
            line, _ = place.accept()
            with line:
                hello.extend(line.recv(65_536))
                no_tls(line, None)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(NotSent):
            exchange(HttpRequest("POST", f"https://127.0.0.1:{place.getsockname()[1]}/", {}, b"s3cret"), total_s=5)
        thread.join()
    assert b"s3cret" not in hello


def test_a_connection_that_comes_too_late_is_not_used(monkeypatch):
    """The name server answers when the till has long said that nothing was sent: nothing may be sent then."""
    asked, may_answer, connected = threading.Event(), threading.Event(), threading.Event()
    real = socket.getaddrinfo

    def slow(*args, **keywords):
        asked.set()
        may_answer.wait()
        return real(*args, **keywords)

    heard = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as place:

        def serve():
            line, _ = place.accept()
            with line:
                while piece := line.recv(65_536):
                    heard.extend(piece)
            connected.set()

        thread = threading.Thread(target=serve)
        thread.start()
        port = place.getsockname()[1]
        monkeypatch.setattr(socket, "getaddrinfo", slow)
        with pytest.raises(NotSent):
            exchange(HttpRequest("POST", f"http://127.0.0.1:{port}/", {}, b"s3cret"), total_s=1)
        assert asked.is_set()
        may_answer.set()
        assert connected.wait(10)
        thread.join()
    assert heard == b""


def test_a_download_goes_into_a_file_and_has_its_bound():
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000
    into = io.BytesIO()
    with Counterpart(answers(reply)) as other:
        assert download(HttpRequest("GET", other.url + "/", {}), into, total_s=5).status == 200
    assert into.getvalue() == b"x" * 300_000
    with Counterpart(answers(reply)) as other, pytest.raises(NoAnswer):
        download(HttpRequest("GET", other.url + "/", {}), io.BytesIO(), total_s=5, max_bytes=299_999)


def test_a_download_that_is_refused_says_why():
    into = io.BytesIO()
    with Counterpart(answers(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}")) as other:
        got = download(HttpRequest("GET", other.url + "/", {}), into, total_s=5)
    assert (got.status, got.body, into.getvalue()) == (400, b"{}", b"")


def test_an_answer_of_the_greatest_length_is_taken():
    body = b"x" * MAX_ANSWER_BYTES
    with Counterpart(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + body)) as other:
        assert exchange(HttpRequest("GET", other.url + "/", {}), total_s=5).body == body
