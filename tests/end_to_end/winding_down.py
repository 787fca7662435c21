#!/usr/bin/python3
"""A daemon that is told to end, or to read its settings again, in the middle of a dialogue."""

import contextlib
import os
import signal
import socket
import tempfile
import threading
from pathlib import Path

import nameserver
import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
ZONE = "end.test"
SECONDS_TO_END = 10

ANSWERS = {
    "greeting": "220 mx ESMTP\r\n",
    "EHLO": "250 mx\r\n",
    "MAIL": "250 ok\r\n",
    "RCPT": "250 ok\r\n",
    "DATA": "354 go on\r\n",
    "dot": "250 taken\r\n",
    "RSET": "250 ok\r\n",
    "QUIT": "221 bye\r\n",
}


class Exchanger:
    """Takes mail, but says nothing at the stage it waits at until it is let go."""

    def __init__(self, stage):
        self.stage = stage
        self.reached = threading.Event()
        self.go_on = threading.Event()
        self.sessions = 0
        self.taken = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                peer = self.listener.accept()[0]
                self.sessions += 1
                threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def say(self, peer, stage):
        if stage == self.stage:
            self.reached.set()
            self.go_on.wait()
        peer.sendall(ANSWERS[stage].encode())

    def serve(self, peer):
        in_data = False
        with contextlib.suppress(OSError), peer, peer.makefile("rb") as lines:
            self.say(peer, "greeting")
            for line in lines:
                if in_data and line != b".\r\n":
                    continue
                stage = "dot" if in_data else line[:4].decode()
                in_data = stage == "DATA"
                self.taken += stage == "dot"
                self.say(peer, stage)

    def close(self):
        self.go_on.set()
        self.listener.close()


@contextlib.contextmanager
def post_office(stage):
    """An installation with one watcher, whose exchanger waits at that stage."""
    with tempfile.TemporaryDirectory(prefix="postroom-end-") as name:
        folder = Path(name)
        records = ["@ MX 10 mx", "mx A 127.0.0.1"]
        with nameserver.serving(folder / "names", ZONE, records) as resolver, \
                contextlib.closing(Exchanger(stage)) as mx:
            post = Installation.new(PROGRAM, folder / "mail", settings(resolver, mx.port))
            post.need("person", "add", "ann", "--address", f"ann@{ZONE}")
            post.need("watch", "ann", "issue/12")
            yield post, mx, lambda **more: post.configure(settings(resolver, mx.port, **more))


def settings(resolver, port, **more):
    return {
        "domain": "example.org",
        "resolver": {"address": resolver},
        "smtp": {"port": port, "allow_loopback": True},
        "watching": {"window": "0s"},
        **more,
    }


def happens(post, mx):
    post.need("event", "issue/12", "commented", "--text", "It does not close.")
    assert mx.reached.wait(processes.PATIENCE_S), f"nobody came to {mx.stage}"


def state_of(post):
    return post.need("trace", "1")["state"]


@tap.cases((stage, stage) for stage in ("greeting", "EHLO", "MAIL", "DATA"))
def a_mail_not_yet_on_its_way_goes_back(stage):
    with post_office(stage) as (post, mx, _):
        with post.started() as daemon:
            happens(post, mx)
            assert processes.stop(daemon, SECONDS_TO_END) == 0
        assert state_of(post) == "queued" and mx.taken == 0
        mx.go_on.set()
        with post.serving():
            processes.until(lambda: state_of(post) == "delivered", "it is sent by the next one")
        assert mx.taken == 1
        assert [row["outcome"] for row in post.need("trace", "1")["tries"]] == ["delivered"]


@tap.case
def a_mail_that_may_have_arrived_is_in_doubt():
    with post_office("dot") as (post, mx, _):
        with post.started() as daemon:
            happens(post, mx)
            assert processes.stop(daemon, SECONDS_TO_END) == 0
        assert state_of(post) == "sending" and mx.taken == 1
        with post.serving():
            processes.until(lambda: state_of(post) == "in_doubt", "the next one says so")
        assert mx.taken == 1


@tap.case
def a_mail_whose_answer_comes_in_time_is_delivered():
    with post_office("dot") as (post, mx, _):
        with post.started() as daemon:
            happens(post, mx)
            daemon.send_signal(signal.SIGTERM)
            processes.until(lambda: " stopping " in post.log.read_text(), "it is stopping")
            mx.go_on.set()
            assert daemon.wait(SECONDS_TO_END) == 0
        assert state_of(post) == "delivered" and mx.taken == 1


@tap.case
def a_reload_leaves_the_dialogue_alone():
    with post_office("dot") as (post, mx, configure), post.serving() as daemon:
        happens(post, mx)
        configure(delivery={"site_connections": 3})
        daemon.send_signal(signal.SIGHUP)
        processes.until(lambda: "delivery.site_connections" in post.log.read_text(), "it has read")
        assert "restart-needed" not in post.log.read_text()
        mx.go_on.set()
        processes.until(lambda: state_of(post) == "delivered", "the mail is delivered")
        assert mx.sessions == 1 and mx.taken == 1
        assert len(post.need("trace", "1")["tries"]) == 1


@tap.case
def a_limit_that_is_raised_holds_for_what_waits():
    with post_office("dot") as (post, mx, configure):
        configure(delivery={"site_connections": 1})
        for n in range(4):
            post.need("person", "add", f"p{n}", "--address", f"p{n}@{ZONE}")
            post.need("watch", f"p{n}", "issue/12")
        with post.serving() as daemon:
            happens(post, mx)
            processes.until(lambda: post.value("SELECT COUNT(*) FROM delivery") == 5, "all wait")
            assert mx.sessions == 1
            configure(delivery={"site_connections": 4})
            daemon.send_signal(signal.SIGHUP)
            processes.until(lambda: mx.sessions > 1, "more connections are made")
            mx.go_on.set()
            processes.until(lambda: post.value(
                "SELECT COUNT(*) FROM delivery_state WHERE state = 10") == 5, "all is delivered")
            assert mx.taken == 5


tap.run()
