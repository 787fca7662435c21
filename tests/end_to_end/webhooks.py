#!/usr/bin/python3
"""Changes for those who ask, and webhooks: a real receiver, well and ill, that checks signatures by
itself."""

import base64
import contextlib
import hashlib
import hmac
import http.server
import json
import signal
import os
import ssl
import subprocess
import tempfile
import threading
from pathlib import Path

import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
ALL_CHANGES = {"events": True, "deliveries": True, "suppressions": True, "watches": True}


class Receiver(http.server.ThreadingHTTPServer):
    """Takes calls and answers as it is told: `script` gives status, fields and body for the n-th
    call to a path."""

    daemon_threads = True

    def __init__(self, certificate=None):
        super().__init__(("127.0.0.1", 0), Call)
        self.calls = []
        self.script = lambda path, nth: (204, {}, b"")
        self.wait = threading.Event()
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def url(self, path="/", scheme="http", host="127.0.0.1"):
        return f"{scheme}://{host}:{self.server_address[1]}{path}"

    def of(self, path):
        return [call for call in list(self.calls) if call.path == path]

    def changes(self, path):
        return [change for call in self.of(path) for change in json.loads(call.body)["changes"]]

    def handle_error(self, request, client_address):
        pass


class Call(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append(self)
        status, fields, body = self.server.script(self.path, len(self.server.of(self.path)))
        if status is None:
            self.server.wait.wait(60)
            return
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **fields}.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *words):
        pass


def is_signed(call, secret):
    """The few lines that a receiver needs."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode()
    code = hmac.new(key, content + call.body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(code).decode() in call.headers["webhook-signature"].split()


@contextlib.contextmanager
def installation(settings=None, certificate=None):
    with tempfile.TemporaryDirectory(prefix="postroom-hooks-") as name:
        made = Installation.new(PROGRAM, Path(name) / "mail", {
            "domain": "example.org", "smtp": {"allow_loopback": True}, **(settings or {})})
        receiver = Receiver(certificate)
        thread = threading.Thread(target=receiver.serve_forever, daemon=True)
        thread.start()
        try:
            yield made, receiver
        finally:
            receiver.wait.set()
            receiver.shutdown()
            receiver.server_close()


@tap.case
def those_who_ask_get_what_is_kept_in_order():
    with installation({"changes": ALL_CHANGES}) as (made, _), made.serving():
        made.need("person", "add", "brian", "--address", "brian@example.net")
        processes.until(lambda: "event" in made.need("changes")["kept"], "the settings count")
        made.need("watch", "brian", "project/x")
        made.need("event", "issue/12", "commented", "--title", "Hello", "--key", "e1")
        made.need("suppress", "add", "ana@example.net")
        made.need("suppress", "rm", "ana@example.net")
        made.need("unwatch", "brian", "project/x")
        page = made.need("changes", "--limit", "2")
        assert [c["type"] for c in page["changes"]] == ["watch.set", "event.taken"], page
        assert page["changes"][0]["watch"]["person"] == "brian", page
        assert page["changes"][1]["event"]["title"] == "Hello", page
        rest = made.need("changes", "--after", str(page["after"]))
        assert [c["type"] for c in rest["changes"]] == [
            "suppression.added", "suppression.removed", "watch.removed"], rest
        assert rest["changes"][0]["suppression"]["target"] == "ana@example.net", rest
        made.need("event", "redact", str(page["changes"][1]["event"]["event"]))
        again = made.need("changes")["changes"]
        assert "title" not in again[1]["event"] and again[-1]["type"] == "event.redacted", again


@tap.case
def nothing_is_kept_that_nobody_wants():
    with installation() as (made, _), made.serving():
        made.need("event", "issue/12", "commented")
        assert made.need("changes") == {"changes": [], "after": 0, "last": 0, "kept": []}


@tap.case
def a_webhook_is_told_of_what_it_watches_signed():
    with installation() as (made, receiver), made.serving():
        made.need("topic", "add", "issue/12", "--parent", "project/x")
        secret = made.need("webhook", "add", "crm", receiver.url("/crm"))["secret"]
        made.need("watch", "hook:crm", "project/x", "--mode", "now")
        made.need("event", "issue/12", "commented", "--title", "One")
        made.need("event", "issue/99", "commented", "--title", "Not its own")
        made.need("event", "issue/12", "closed", "--title", "Two")
        processes.until(lambda: len(receiver.changes("/crm")) == 2, "both events arrive")
        assert [c["event"]["title"] for c in receiver.changes("/crm")] == ["One", "Two"]
        assert all(is_signed(call, secret) for call in receiver.calls)
        assert not is_signed(receiver.calls[0], "whsec_" + base64.b64encode(b"x" * 32).decode())
        assert made.need("watches", "hook:crm")["watches"][0]["topic"] == "project/x"
        assert made.need("watchers", "project/x")["watchers"][0]["person"] == "hook:crm"
        processes.until(lambda: made.need("webhook", "show", "crm")["state"] == "well", "it is well")
        made.need("watch", "hook:crm", "issue/12", "--mode", "mute")
        made.need("event", "issue/12", "reopened")
        made.need("event", "project/x", "renamed")
        processes.until(lambda: len(receiver.changes("/crm")) == 3, "the third arrives")
        assert receiver.changes("/crm")[2]["event"]["kind"] == "renamed", receiver.changes("/crm")


@tap.case
def what_carries_a_label_goes_where_it_is_granted():
    with installation() as (made, receiver), made.serving():
        made.need("topic", "add", "issue/7", "--label", "board", "--parent", "project/x")
        made.need("webhook", "add", "open", receiver.url("/open"), "--kinds", "event")
        made.need("webhook", "add", "board", receiver.url("/board"), "--label", "board")
        made.need("watch", "hook:board", "project/x")
        made.need("event", "issue/7", "commented", "--title", "secret")
        made.need("event", "project/x", "commented", "--title", "open")
        processes.until(lambda: len(receiver.changes("/board")) == 2 and receiver.changes("/open"),
                        "both are told")
        assert [c["event"]["title"] for c in receiver.changes("/open")] == ["open"]


@tap.case
def of_what_carries_a_label_not_even_the_key_goes_elsewhere():
    with installation({"deliver": "only nobody.example"}) as (made, receiver), made.serving():
        made.need("topic", "add", "team/board", "--label", "board")
        made.need("topic", "add", "issue/7", "--label", "board")
        made.need("topic", "add", "issue/8", "--parent", "team/board")
        made.need("person", "add", "brian", "--address", "brian@example.net")
        for name, options in [("open", []), ("board", ["--label", "board"])]:
            made.need("webhook", "add", name, receiver.url("/" + name),
                      "--kinds", "event,watch,suppression,delivery", *options)
        made.need("grant", "add", "brian", "board")
        made.need("watch", "brian", "issue/7")
        made.need("suppress", "add", "ana@example.net", "--scope", "issue/7")
        made.need("event", "issue/7", "commented", "--urgent")
        processes.until(lambda: "delivery" in str(receiver.changes("/board")), "the mail's end")
        made.need("event", "issue/8", "commented")
        made.need("suppress", "add", "cleo@example.net")
        processes.until(lambda: "cleo" in str(receiver.changes("/open")), "the last is told")
        assert "issue/7" in str(receiver.changes("/board"))
        assert "delivery" in str(receiver.changes("/open")), receiver.changes("/open")
        assert "issue/8" in str(receiver.changes("/open"))
        for key in "issue/7", "team/board":
            assert key not in str(receiver.changes("/open")), receiver.changes("/open")


@tap.case
def one_that_fails_is_tried_again_by_the_same_id_and_holds_up_nobody():
    with installation({"webhooks": {"timeout": "2s"}}) as (made, receiver), made.serving():
        receiver.script = lambda path, nth: {
            "/flaky": (500, {}, b"a bad day") if nth == 1 else (200, {}, b""),
            "/silent": (None, {}, b""),
            "/moved": (302, {"Location": receiver.url("/elsewhere")}, b""),
            "/huge": (200, {"Content-Length": "10000000"}, b"x" * 10000000),
        }.get(path, (200, {}, b""))
        for name in "flaky", "silent", "moved", "huge", "well":
            made.need("webhook", "add", name, receiver.url("/" + name), "--kinds", "event")
        made.need("event", "issue/1", "commented")
        processes.until(lambda: len(receiver.of("/flaky")) == 2, "it is tried again")
        first, second = receiver.of("/flaky")
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.body == second.body
        assert len(receiver.changes("/well")) == 1
        for name, words in [("silent", "no answer within 2000 ms"), ("moved", "redirect"),
                            ("huge", "larger than")]:
            processes.until(lambda: made.need("webhook", "show", name)["state"] == "failing", name)
            assert words in made.need("webhook", "show", name)["problem"], name
        assert not receiver.of("/elsewhere")


@tap.case
def one_that_is_gone_or_fails_too_long_is_disabled_with_an_alarm():
    with installation({"webhooks": {"give_up": "1s"}}) as (made, receiver), made.serving():
        receiver.script = lambda path, nth: (410 if path == "/gone" else 500, {}, b"")
        for name in "gone", "ill":
            made.need("webhook", "add", name, receiver.url("/" + name), "--kinds", "event")
        made.need("event", "issue/1", "commented")
        for name in "gone", "ill":
            processes.until(lambda: made.need("webhook", "show", name)["state"] == "disabled", name)
        causes = [alarm["cause"] for alarm in made.need("alarms")["alarms"]]
        assert sorted(causes) == ["webhook-disabled gone", "webhook-disabled ill"], causes
        receiver.script = lambda path, nth: (200, {}, b"")
        made.need("webhook", "enable", "gone")
        processes.until(lambda: len(receiver.of("/gone")) == 2, "it goes on where it stood")
        assert [a["cause"] for a in made.need("alarms")["alarms"]] == ["webhook-disabled ill"]


@tap.case
def it_can_be_told_again():
    with installation() as (made, receiver), made.serving():
        made.need("webhook", "add", "crm", receiver.url("/crm"), "--kinds", "event,suppression")
        for n in range(3):
            made.need("event", f"issue/{n}", "commented")
        made.need("suppress", "add", "@example.com")
        processes.until(lambda: len(receiver.changes("/crm")) == 4, "all arrive")
        known = [change["id"] for change in receiver.changes("/crm")]
        after = receiver.changes("/crm")[1]["seq"]
        processes.until(lambda: made.need("webhook", "show", "crm")["through"] > after, "settled")
        made.need("webhook", "replay", "crm", "--after", str(after))
        processes.until(lambda: len(receiver.changes("/crm")) == 6, "two arrive again")
        assert [change["id"] for change in receiver.changes("/crm")][4:] == known[2:]
        made.need("webhook", "replay", "crm", "--since", "1h")
        processes.until(lambda: len(receiver.changes("/crm")) == 10, "all arrive again")


@tap.case
def a_test_shows_the_answer():
    with installation() as (made, receiver):
        secret = made.need("webhook", "add", "crm", receiver.url("/crm"))["secret"]
        assert made.ask("webhook", "test", "crm") == (0, {"status": 204})
        assert json.loads(receiver.calls[0].body)["changes"][0]["type"] == "ping"
        assert is_signed(receiver.calls[0], secret)
        receiver.script = lambda path, nth: (403, {}, b"not you")
        code, answer = made.ask("webhook", "test", "crm")
        assert code == 75 and answer == {"status": 403, "problem": "it answered 403: not you"}
        made.configure({"domain": "example.org"})
        code, answer = made.ask("webhook", "test", "crm")
        assert code == 75 and "no public address" in answer["problem"], answer


@tap.case
def an_old_secret_signs_beside_the_new_one_for_a_time():
    with installation() as (made, receiver):
        old = made.need("webhook", "add", "crm", receiver.url("/crm"))["secret"]
        rotated = made.need("webhook", "rotate", "crm", "--keep", "2s")
        assert rotated["secret"] != old and rotated["old_secret_until"], rotated
        made.need("webhook", "test", "crm")
        assert is_signed(receiver.calls[0], old) and is_signed(receiver.calls[0], rotated["secret"])

        def old_is_over():
            made.need("webhook", "test", "crm")
            return not is_signed(receiver.calls[-1], old)

        processes.until(old_is_over, "the old secret ends")
        assert is_signed(receiver.calls[-1], rotated["secret"])
        last = made.need("webhook", "rotate", "crm", "--keep", "0")
        made.need("webhook", "test", "crm")
        assert is_signed(receiver.calls[-1], last["secret"])
        assert not is_signed(receiver.calls[-1], rotated["secret"])
        assert "secret" not in made.need("webhook", "show", "crm")
        code, said = made.ask("webhook", "rotate", "crm", "--keep", "31d")
        assert code == 65 and "keep" in json.dumps(said), said
        made.need("webhook", "test", "crm")
        assert is_signed(receiver.calls[-1], last["secret"])
        assert last["secret"] not in json.dumps(made.need("audit"))


@tap.case
def one_who_follows_is_told_as_it_happens():
    with installation({"changes": ALL_CHANGES}) as (made, _), made.serving():
        made.need("suppress", "add", "before@example.net")
        for words, first in (([], "after@"), (["--after", "0"], "before@")):
            with processes.running([PROGRAM, "--json", "changes", "--follow", *words],
                                   cwd=made.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True) as follower:
                seen = []
                reader = threading.Thread(target=lambda: seen.extend(follower.stdout), daemon=True)
                reader.start()

                def told():
                    made.need("suppress", "rm", "after@example.net")
                    made.need("suppress", "add", "after@example.net")
                    return seen

                made.need("suppress", "add", "after@example.net")
                processes.until(told, "the follower prints")
                follower.send_signal(signal.SIGINT if words else signal.SIGTERM)
                assert follower.wait(processes.PATIENCE_S) == 0, follower.stderr.read()
                reader.join(processes.PATIENCE_S)
            changes = [json.loads(line) for line in seen]
            seqs = [change["seq"] for change in changes]
            assert seqs == sorted(set(seqs)), seqs
            assert changes[0]["suppression"]["target"].startswith(first), changes[0]
        code, said = made.ask("changes", "--follow", "--limit", "1")
        assert code == 65 and "--limit" in json.dumps(said), said


@tap.case
def certificates_are_checked():
    with tempfile.TemporaryDirectory(prefix="postroom-hooks-ca-") as name:
        pem = Path(name) / "both.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", str(pem), "-out", str(pem) + ".crt"], check=True,
                       capture_output=True)
        pem.write_text(pem.read_text() + Path(str(pem) + ".crt").read_text())
        with installation(certificate=pem) as (made, receiver):
            made.need("webhook", "add", "crm", receiver.url("/crm", "https", "localhost"))
            code, answer = made.ask("webhook", "test", "crm")
            assert code == 75 and "certificate" in answer["problem"], answer
            made.configure({"domain": "example.org", "smtp": {
                "allow_loopback": True, "extra_ca_file": str(pem) + ".crt"}})
            assert made.ask("webhook", "test", "crm") == (0, {"status": 204})


@tap.case
def bad_input_changes_nothing():
    with installation() as (made, receiver):
        made.need("webhook", "add", "crm", receiver.url("/crm"))
        for words, part in [
                (["add", "crm", "http://a.example/"], "exists"),
                (["add", "x", "ftp://a.example/"], "url"),
                (["add", "x", "http://me:pw@a.example/"], "no user"),
                (["add", "x", "http://a.example/", "--kinds", "mails"], "kinds"),
                (["add", "x y", "http://a.example/"], "name"),
                (["show", "x"], "no webhook"),
                (["replay", "crm"], "after"),
                (["replay", "crm", "--after", "7"], "up to 0 only")]:
            code, said = made.ask("webhook", *words)
            assert code != 0 and part in str(said), (words, said)
        for words, part in [(["hook:crm", "issue/1", "--mode", "daily"], "no digests"),
                            (["hook:crm", "issue/1", "--delay", "1h"], "at once"),
                            (["hook:none", "issue/1"], "no webhook")]:
            code, said = made.ask("watch", *words)
            assert code != 0 and part in str(said), (words, said)
        assert [hook["name"] for hook in made.need("webhook", "list")["webhooks"]] == ["crm"]
        made.need("watch", "hook:crm", "issue/1")
        made.need("webhook", "rm", "crm")
        assert made.need("watchers", "issue/1")["watchers"] == []


tap.run()
