#!/usr/bin/python3
"""The HTTP server as a stranger may use it: well, badly, slowly, and far too much."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]


class Place:
    """An installation that answers HTTP."""

    def __init__(self, folder, **settings):
        self.port = processes.free_port()
        self.mail = Installation.new(PROGRAM, folder, {
            "domain": "example.org",
            "http": {"listen": f"127.0.0.1:{self.port}", "patience": "2s", **settings},
        })

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=processes.PATIENCE_S)

    def say(self, text):
        """What comes back for bytes sent as they are, until the server hangs up."""
        with self.connect() as peer:
            peer.sendall(text)
            return read_all(peer)

    def ask(self, method, path, body=None, **fields):
        """Status, fields and text of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=processes.PATIENCE_S)
        with contextlib.closing(connection):
            connection.request(method, path, body, {k.replace("_", "-"): v
                                                    for k, v in fields.items()})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()


def read_all(peer):
    got = b""
    with contextlib.suppress(ConnectionResetError):
        while part := peer.recv(65536):
            got += part
    return got.decode()


@contextlib.contextmanager
def place(**settings):
    with tempfile.TemporaryDirectory(prefix="postroom-http-") as name:
        made = Place(Path(name) / "mail", **settings)
        with made.mail.serving():
            yield made


def statuses(text):
    return [int(code) for code in re.findall(r"HTTP/1\.1 (\d{3}) ", text)]


HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
LAST = b"Connection: close\r\n\r\n"


@tap.case
def curl_and_the_rest_of_the_world_are_answered():
    with place() as p:
        url = f"http://127.0.0.1:{p.port}"
        done = subprocess.run(["curl", "-sS", "-i", f"{url}/healthz"], capture_output=True,
                              text=True, check=True)
        assert statuses(done.stdout) == [200] and '{"status":"ok"}' in done.stdout, done.stdout
        assert "Server:" not in done.stdout, done.stdout
        status, fields, text = p.ask("GET", "/nowhere")
        assert status == 404 and fields["Content-Type"] == "application/problem+json"
        problem = json.loads(text)
        assert problem["status"] == 404 and problem["title"] == "Not Found" and problem["detail"]
        status, fields, text = p.ask("HEAD", "/healthz")
        assert status == 200 and text == "" and int(fields["Content-Length"]) > 0
        status, fields, text = p.ask("POST", "/healthz", "{}")
        assert status == 405 and fields["Allow"] == "GET, HEAD, OPTIONS"
        status, fields, text = p.ask("OPTIONS", "/healthz")
        assert status == 204 and fields["Allow"] == "GET, HEAD, OPTIONS"


@tap.case
def without_the_setting_there_is_no_http():
    with tempfile.TemporaryDirectory(prefix="postroom-http-") as name:
        mail = Installation.new(PROGRAM, Path(name) / "mail", {"domain": "example.org"})
        with mail.serving():
            assert " http-listening" not in mail.log.read_text()


@tap.case
def requests_in_a_row_are_answered_in_a_row():
    with place() as p:
        got = p.say(HEALTH + b"\r\n" + b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n" + HEALTH + LAST)
        assert statuses(got) == [200, 404, 200], got


@tap.case
def ambiguous_requests_are_refused():
    cases = {
        "no host": b"GET /healthz HTTP/1.1\r\n" + LAST,
        "two hosts": HEALTH + b"Host: y\r\n" + LAST,
        "bad host": b"GET /healthz HTTP/1.1\r\nHost: a b<c>\r\n" + LAST,
        "two lengths": b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
                       b"Content-Length: 3\r\n" + LAST + b"abc",
        "length and chunks": b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                             b"Transfer-Encoding: chunked\r\n" + LAST + b"0\r\n\r\n",
        "bad length": b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n" + LAST,
        "two tokens": HEALTH + b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n" + LAST,
        "no slash": b"GET healthz HTTP/1.1\r\nHost: x\r\n" + LAST,
        "no protocol": b"hello there\r\n\r\n",
        "noise": bytes(range(128, 256)) * 8 + b"\r\n\r\n",
    }
    with place() as p:
        for name, text in cases.items():
            got = statuses(p.say(text))
            assert set(got) <= {400}, f"{name}: {got}"
            if name not in ("no protocol", "noise", "no slash"):
                assert got, name
        assert p.ask("GET", "/healthz")[0] == 200


@tap.case
def the_absolute_form_and_old_clients_are_understood():
    with place() as p:
        assert statuses(p.say(b"GET http://elsewhere/healthz HTTP/1.1\r\nHost: x\r\n" + LAST)) == [200]
        assert p.say(b"GET /healthz HTTP/1.0\r\n\r\n").split()[1] == "200"


@tap.case
def what_is_too_large_is_refused():
    with place(body_size="2k") as p:
        huge = p.say(HEALTH + b"X: " + b"a" * 60000 + b"\r\n\r\n")
        assert statuses(huge) and statuses(huge)[0] in (413, 431), huge[:200]
        path = p.say(b"GET /" + b"a" * 10000 + b" HTTP/1.1\r\nHost: x\r\n" + LAST)
        assert statuses(path) == [414], path[:200]
        assert p.ask("POST", "/healthz", b"x" * 2048)[0] == 405
        assert p.ask("POST", "/healthz", b"x" * 2049)[0] == 413
        chunk = b"800\r\n" + b"x" * 2048 + b"\r\n"
        head = b"POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + LAST
        assert statuses(p.say(head + chunk + b"0\r\n\r\n")) == [405]
        assert statuses(p.say(head + chunk * 2 + b"0\r\n\r\n")) == [413]
        assert statuses(p.say(head + chunk * 40 + b"0\r\n\r\n")) == [], "it hangs up"
        assert p.ask("GET", "/healthz")[0] == 200


@tap.case
def who_drips_is_hung_up_on():
    with place() as p, p.connect() as slow, p.connect() as silent:
        begin = time.monotonic()
        drips = threading.Thread(target=drip, args=(slow,))
        drips.start()
        assert statuses(read_all(slow)) in ([], [408])
        assert read_all(silent) == ""
        drips.join()
        assert time.monotonic() - begin < processes.PATIENCE_S
        assert p.ask("GET", "/healthz")[0] == 200


def drip(peer):
    with contextlib.suppress(OSError):
        for byte in HEALTH + b"X: " + b"a" * 10000:
            peer.sendall(bytes([byte]))
            time.sleep(0.05)


@tap.case
def one_address_has_not_all_the_connections():
    with place(address_connections=4, threads=1) as p, contextlib.ExitStack() as stack:
        peers = [stack.enter_context(p.connect()) for _ in range(5)]
        for peer in peers:
            with contextlib.suppress(OSError):
                peer.sendall(HEALTH + LAST)
        answered = [statuses(read_all(peer)) for peer in peers]
        assert answered[:4] == [[200]] * 4 and answered[4] == [], answered
        assert p.ask("GET", "/healthz")[0] == 200


@tap.case
def a_taken_port_is_said_by_name():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with tempfile.TemporaryDirectory(prefix="postroom-http-") as name:
            mail = Installation.new(PROGRAM, Path(name) / "mail", {
                "domain": "example.org",
                "http": {"listen": f"127.0.0.1:{other.getsockname()[1]}"}})
            code, words = mail.ask("serve")
            assert code == 74 and "http.listen" in str(words), (code, words)


def self_signed(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder / "key.pem", "-out",
                    folder / "cert.pem", "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost"], check=True, capture_output=True)


@tap.case
def tls_is_spoken_with_a_certificate():
    with tempfile.TemporaryDirectory(prefix="postroom-http-") as name:
        folder = Path(name)
        self_signed(folder)
        p = Place(folder / "mail", certificate=str(folder / "cert.pem"),
                  key=str(folder / "key.pem"))
        with p.mail.serving():
            trust = ssl.create_default_context(cafile=folder / "cert.pem")
            with trust.wrap_socket(p.connect(), server_hostname="localhost") as peer:
                peer.sendall(HEALTH + LAST)
                assert statuses(read_all(peer)) == [200]


def hang_up(p, daemon, event):
    daemon.send_signal(signal.SIGHUP)
    processes.until(lambda: f" {event}" in p.mail.log.read_text(), event)


def shown_to(p, trust):
    with trust.wrap_socket(p.connect(), server_hostname="localhost") as peer:
        return peer.getpeercert(binary_form=True)


@tap.case
def a_new_certificate_is_shown_to_who_comes_and_breaks_no_connection():
    with tempfile.TemporaryDirectory(prefix="postroom-http-") as name:
        folder = Path(name)
        self_signed(folder)
        p = Place(folder / "mail", certificate=str(folder / "cert.pem"),
                  key=str(folder / "key.pem"), patience="60s")
        with p.mail.serving() as daemon:
            trust = ssl.create_default_context(cafile=folder / "cert.pem")
            first = shown_to(p, trust)
            with trust.wrap_socket(p.connect(), server_hostname="localhost") as early:
                early.sendall(HEALTH + b"\r\n")
                assert b"200" in early.recv(1000)
                self_signed(folder)
                hang_up(p, daemon, "certificate-renewed")
                trust = ssl.create_default_context(cafile=folder / "cert.pem")
                assert shown_to(p, trust) != first
                early.sendall(HEALTH + LAST)
                assert statuses(read_all(early)) == [200]
            (folder / "key.pem").write_text("no key")
            hang_up(p, daemon, "certificate-refused")
            assert shown_to(p, trust) != first


tap.run()
