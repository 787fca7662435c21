#!/usr/bin/python3
"""Several hosts of one domain on real sockets: a dead one is passed over, put on record and left
alone for a while; the others are reached by either family; their TLS is resumed."""

import contextlib
import os
import tempfile
from pathlib import Path

import exchanger
import nameserver
import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
ZONE = "hosts.test"
DEAD_THEN_WELL = ["@ MX 10 mx1", "mx1 A 127.0.0.77", "@ MX 20 mx2", "mx2 A 127.0.0.1"]


def settings(resolver, port, sources=(), delivery=None):
    return {
        "domain": "example.org",
        "resolver": {"address": resolver},
        "smtp": {"port": port, "allow_loopback": True, "sources": list(sources)},
        "delivery": delivery or {},
        "watching": {"window": "0s"},
    }


@contextlib.contextmanager
def post_office(records, port, **more):
    """A daemon that serves, with one watcher at the domain of these records."""
    with tempfile.TemporaryDirectory(prefix="postroom-hosts-") as name:
        folder = Path(name)
        with nameserver.serving(folder / "names", ZONE, records) as resolver:
            post = Installation.new(PROGRAM, folder / "mail", settings(resolver, port, **more))
            post.need("person", "add", "ann", "--address", f"ann@{ZONE}")
            post.need("watch", "ann", "issue/12")
            with post.serving():
                yield post


def delivered(post, delivery):
    """Lets something happen and gives the tries of its mail."""
    post.need("event", "issue/12", "commented", "--text", "It does not close.")
    processes.until(lambda: post.ask("trace", str(delivery))[0] == 0
                    and post.need("trace", str(delivery))["state"] == "delivered",
                    f"delivery {delivery} is delivered")
    return post.need("trace", str(delivery))["tries"]


@tap.case
def a_dead_host_is_on_record_once_and_left_alone():
    with exchanger.taking(PROGRAM) as sink, post_office(DEAD_THEN_WELL, sink.port) as post:
        first = delivered(post, 1)
        assert [(t["ip"], t["outcome"]) for t in first] == [
            ("127.0.0.77", "next_host"), ("127.0.0.1", "delivered")], first
        assert first[0]["stage"] == "connect" and first[0]["said_by"] == "postroom", first
        assert "refused" in first[0]["text"], first
        assert post.need("trace", "1")["attempts"] == 1, post.need("trace", "1")
        processes.until(lambda: "host-trouble" in post.log.read_text(), "the log tells of it")
        second = delivered(post, 2)
        assert [t["ip"] for t in second] == ["127.0.0.1"], second


@tap.case
def a_later_session_resumes_the_tls_of_an_earlier_one():
    records = ["@ MX 10 mx", "mx A 127.0.0.1"]
    with exchanger.taking(PROGRAM, "--tls") as sink, \
            post_office(records, sink.port, delivery={"connection_messages": 1}) as post:
        said = [delivered(post, 1)[-1]["tls"]]
        assert said[0].startswith("TLSv1.3") and "resumed" not in said[0], said
        # each sender, of which there is one a processor, keeps tickets of its own
        for delivery in range(2, 3 + os.cpu_count()):
            said.append(delivered(post, delivery)[-1]["tls"])
        assert any("resumed" in tls for tls in said), said


@tap.case
def either_family_will_do():
    both = ["@ MX 10 mx", "mx A 127.0.0.1", "mx AAAA ::1"]
    for address, at in ("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"):
        with exchanger.taking(PROGRAM, addresses=(at,)) as sink, \
                post_office(both, sink.port) as post:
            tries = delivered(post, 1)
            assert tries[-1]["ip"] == address and tries[-1]["outcome"] == "delivered", tries


@tap.case
def a_source_that_is_not_ours_is_named():
    records = ["@ MX 10 mx", "mx A 127.0.0.1"]
    with exchanger.taking(PROGRAM) as sink, \
            post_office(records, sink.port, sources=["192.0.2.9"]) as post:
        post.need("event", "issue/12", "commented", "--text", "It does not close.")
        processes.until(lambda: post.ask("trace", "1")[0] == 0 and post.need("trace", "1")["tries"],
                        "it was tried")
        said = post.need("trace", "1")["tries"][0]["text"]
        assert "smtp.sources" in said and "192.0.2.9" in said, said


tap.run()
