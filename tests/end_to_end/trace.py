#!/usr/bin/python3
"""What trace shows of the dialogue with a server, and for whom it is kept."""

import contextlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

import exchanger
import nameserver
import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
ZONE = "trace.test"


@contextlib.contextmanager
def post_office(**delivery):
    """An installation with one watcher, whose exchanger listens on `port` when it does."""
    with tempfile.TemporaryDirectory(prefix="postroom-trace-") as name:
        folder = Path(name)
        port = processes.free_port()
        records = ["@ MX 10 mx", "mx A 127.0.0.1"]
        with nameserver.serving(folder / "names", ZONE, records) as resolver:
            post = Installation.new(PROGRAM, folder / "mail", {
                "domain": "example.org",
                "resolver": {"address": resolver},
                "smtp": {"port": port, "allow_loopback": True},
                "delivery": {"greylist_retry": ["6h"], **delivery},
                "watching": {"window": "0s", "thread_rate": 0},
            })
            post.need("person", "add", "ann", "--address", f"ann@{ZONE}")
            post.need("watch", "ann", "issue/12")
            yield post, port


def happens(post):
    post.need("event", "issue/12", "commented", "--text", "It does not close.")


def traced(post, delivery, state):
    """The delivery, once it is in that state."""
    processes.until(lambda: post.ask("trace", str(delivery))[0] == 0
                    and post.need("trace", str(delivery))["state"] == state,
                    f"delivery {delivery} is {state}")
    return post.need("trace", str(delivery))


def said(attempt):
    return [f"{line['by']}: {line['line']}" for line in attempt["dialogue"]]


@tap.case
def the_dialogue_of_a_refusal_is_shown_and_that_of_a_delivery_is_not():
    with post_office() as (post, port), exchanger.taking(PROGRAM, "--greylist", "1", port=port):
        with post.serving():
            happens(post)
            deferred = traced(post, 1, "deferred")
            lines = said(deferred["tries"][0])
            assert lines[0].startswith(f"postroom: to mx.{ZONE}, 127.0.0.1:"), lines
            assert any(line.startswith("server: 220 ") for line in lines), lines
            assert any(line.startswith(f"client: RCPT TO:<ann@{ZONE}>") for line in lines), lines
            assert any(line.startswith("server: 451 ") for line in lines), lines
            times = [line["ms"] for line in deferred["tries"][0]["dialogue"]]
            assert times == sorted(times)
            post.need("queue", "now", "1")
            assert "dialogue" not in traced(post, 1, "delivered")["tries"][1]
        people = subprocess.run([PROGRAM, "trace", "1"], cwd=post.folder, text=True, check=True,
                                capture_output=True).stdout
        assert f".000 -- to mx.{ZONE}, 127.0.0.1:" in people, people
        assert f"C: RCPT TO:<ann@{ZONE}>" in people, people


@tap.case
def nothing_is_kept_where_the_settings_say_so():
    with post_office(keep_dialogues="0") as (post, port):
        with exchanger.taking(PROGRAM, "--greylist", "1", port=port), post.serving():
            happens(post)
            assert "dialogue" not in traced(post, 1, "deferred")["tries"][0]
        assert post.value("SELECT COUNT(*) FROM dialogue") == 0


@tap.case
def an_order_keeps_what_is_delivered_and_holds_over_a_restart():
    with post_office(keep_dialogues="0") as (post, port), exchanger.taking(PROGRAM, port=port):
        with post.serving():
            kept = post.need("trace", "keep", ZONE.upper(), "--for", "2h")
            assert kept["name"] == ZONE and kept["kept"], kept
            happens(post)
            lines = said(traced(post, 1, "delivered")["tries"][0])
            assert any("octets of content" in line for line in lines), lines
            assert not any("It does not close" in line for line in lines), lines
        with post.serving():
            happens(post)
            assert "dialogue" in traced(post, 2, "delivered")["tries"][0]
            assert [row["name"] for row in post.need("trace", "kept")["kept"]] == [ZONE]
            assert not post.need("trace", "keep", ZONE, "--for", "0")["kept"]
            assert not post.need("trace", "keep", "nowhere.test", "--for", "0")["known"]
            happens(post)
            assert "dialogue" not in traced(post, 3, "delivered")["tries"][0]
        assert post.need("trace", "kept")["kept"] == []


@tap.case
def an_order_that_makes_no_sense_is_refused():
    with post_office() as (post, _):
        code, answer = post.ask("trace", "keep", ZONE, "--for", "soon")
        assert code == 65 and "duration" in answer["error"]["text"], (code, answer)
        code, answer = post.ask("trace", "one")
        assert code == 65 and "number" in answer["error"]["text"], (code, answer)


@tap.case
def the_figures_of_the_daemon_are_beside_the_queue():
    with post_office() as (post, port):
        assert "figures" not in post.need("queue")
        code, answer = post.ask("queue", "figures")
        assert code == 66 and "postroom serve" in answer["error"]["text"], (code, answer)
        with exchanger.taking(PROGRAM, "--greylist", "1", port=port), post.serving():
            happens(post)
            traced(post, 1, "deferred")
            post.need("queue", "now", "1")
            traced(post, 1, "delivered")
            processes.until(lambda: post.need("queue", "figures")["figures"]
                            ['postroom_tries_total{outcome="delivered"}'] == 1, "it is counted")
            figures = post.need("queue")["figures"]
            assert figures['postroom_tries_total{outcome="deferred"}'] == 1, figures
            assert figures['postroom_tries_ended_total{stage="rcpt"}'] == 1, figures
            assert figures["postroom_connections_made_total"] >= 1, figures
            assert figures['postroom_mails_under_way{stage="all"}'] == 0, figures
            commits = figures["postroom_ledger_commit_seconds_count"]
            assert commits > 0 and figures["postroom_ledger_commit_seconds_sum"] > 0, figures
            assert figures['postroom_ledger_commit_seconds_bucket{le="+Inf"}'] == commits, figures
            assert figures["postroom_overdue_total"] == 0, figures


@contextlib.contextmanager
def following(post, name, *words):
    """A process that follows the sessions to `name`, once the daemon knows of it."""
    with processes.running([PROGRAM, "trace", "--live", name, "--json", *words], cwd=post.folder,
                           stdout=subprocess.PIPE, text=True) as process:
        begun = json.loads(process.stdout.readline())
        assert begun["following"] == name and begun["until"].endswith("Z"), begun
        yield process


def line_that_has(process, part):
    for line in process.stdout:
        told = json.loads(line)
        if part in told.get("line", ""):
            return told
    raise AssertionError(f"the follower ended before {part}")


@tap.case
def a_session_is_followed_as_it_happens():
    with post_office() as (post, port), exchanger.taking(PROGRAM, port=port), post.serving():
        with (following(post, ZONE) as process,
              following(post, "other.test", "--for", "2s") as other):
            happens(post)
            told = line_that_has(process, "RCPT TO")
            assert told["by"] == "client" and told["host"] == f"mx.{ZONE}", told
            assert told["domain"] == ZONE and told["session"] > 0, told
            assert told["delivery"] == 1, told
            content = line_that_has(process, "octets of content")
            assert content["session"] == told["session"] and content["ms"] >= told["ms"], content
            assert line_that_has(process, "250 ")["by"] == "server"
            assert other.stdout.read() == "" and other.wait() == 0  # its time is over
        happens(post)
        traced(post, 2, "delivered")  # who has gone is forgotten


@tap.case
def so_many_may_follow_and_one_that_does_not_read_holds_nobody_up():
    with post_office() as (post, port), exchanger.taking(PROGRAM, port=port), post.serving():
        with contextlib.ExitStack() as stack:
            for _ in range(8):
                stack.enter_context(following(post, ZONE))
            code, answer = post.ask("trace", "--live", ZONE)
            assert code != 0 and "follow sessions already" in answer["error"]["text"], answer
            for n in range(1, 31):
                happens(post)
            processes.until(lambda: post.value(
                "SELECT COUNT(*) FROM heard WHERE through_seq = 30") == 1, "all is told")
        processes.until(lambda: post.ask("trace", "--live", ZONE, "--for", "10ms")[0] == 0,
                        "there is room again")
        with following(post, ZONE) as process:
            post.end()
            assert process.wait() == 75  # the daemon went away


@tap.case
def to_follow_needs_a_daemon_and_a_name():
    with post_office() as (post, _):
        code, answer = post.ask("trace", "--live", ZONE)
        assert code == 66 and "postroom serve" in answer["error"]["text"], (code, answer)
        code, answer = post.ask("trace")
        assert code == 65 and "--live" in answer["error"]["text"], (code, answer)
        code, answer = post.ask("trace", "1", "--live", ZONE)
        assert code == 65, (code, answer)


tap.run()
