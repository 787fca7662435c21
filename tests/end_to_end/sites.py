#!/usr/bin/python3
"""Orders about sites and domains: given to a daemon that sends, they hold at once."""

import contextlib
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
ZONE = "sites.test"
HOST = f"mx.{ZONE}"
RECORDS = ["@ MX 10 mx", "mx A 127.0.0.1", "second MX 10 mx", "both MX 20 inside", "both MX 10 mx",
           "inside A 10.1.2.3", "none MX 0 ."]


def settings(resolver, port):
    return {
        "domain": "example.org",
        "resolver": {"address": resolver},
        "smtp": {"port": port, "allow_loopback": True},
        "delivery": {"greylist_retry": ["6h"]},
        "streams": {"notices": {"retry": ["6h"]}},
        "watching": {"window": "0s"},
    }


@contextlib.contextmanager
def post_office():
    """An installation with one watcher, whose exchanger listens on `port` when it does."""
    with tempfile.TemporaryDirectory(prefix="postroom-sites-") as name:
        folder = Path(name)
        port = processes.free_port()
        with nameserver.serving(folder / "names", ZONE, RECORDS) as resolver:
            post = Installation.new(PROGRAM, folder / "mail", settings(resolver, port))
            post.need("person", "add", "ann", "--address", f"ann@{ZONE}")
            post.need("watch", "ann", "issue/12")
            yield post, port


def happens(post):
    post.need("event", "issue/12", "commented", "--text", "It does not close.")


def reaches(post, delivery, state):
    processes.until(lambda: post.ask("trace", str(delivery))[0] == 0
                    and post.need("trace", str(delivery))["state"] == state,
                    f"delivery {delivery} is {state}")


def said(post, *words):
    """What a command says to people."""
    return subprocess.run([PROGRAM, *words], cwd=post.folder, capture_output=True, text=True,
                          check=True, timeout=processes.PATIENCE_S).stdout


@tap.case
def a_site_is_paused_and_resumed_while_the_daemon_sends():
    with post_office() as (post, port), exchanger.taking(PROGRAM, port=port) as mx:
        with post.serving():
            happens(post)
            reaches(post, 1, "delivered")
            processes.until(lambda: post.ask("site", "show", ZONE)[0] == 0, "the site is known")
            paused = post.need("site", "pause", ZONE, "--reason", "asked by phone")
            assert paused["site"] == HOST and paused["changed"], paused
            happens(post)
            answer = processes.until(
                lambda: (answer := post.ask("explain", "2"))[0] == 0
                and answer[1]["waits_for"] == "site" and answer[1], "the mail waits for the site")
            assert "asked by phone" in "\n".join(answer["sentences"]), answer
            assert [site["site"] for site in post.need("site", "list", "--paused")["sites"]] == [HOST]
            assert "asked by phone" in said(post, "site", "show", HOST)
            post.need("site", "resume", HOST)
            reaches(post, 2, "delivered")
            post.need("site", "pause", HOST, "--stream", "notices", "--for", "1h")
            happens(post)
            processes.until(lambda: post.ask("trace", "3")[0] == 0, "the third mail is made")
            post.need("site", "resume", HOST, "--stream", "notices")
            reaches(post, 3, "delivered")
            assert post.need("site", "list", "--paused")["sites"] == []
        assert mx.end()["messages"] == 3, mx.counts


@tap.case
def a_limit_of_the_operator_holds_and_is_taken_back():
    with post_office() as (post, port), exchanger.taking(PROGRAM, port=port):
        with post.serving():
            happens(post)
            reaches(post, 1, "delivered")
            processes.until(lambda: post.ask("site", "show", ZONE)[0] == 0, "the site is known")
            post.need("site", "limit", ZONE, "mails=1", "idle_time=30s", "--for", "1h")
            for _ in range(3):
                happens(post)
                processes.until(lambda: post.need("site", "show", ZONE)["waiting_in_all"] == 0
                                or post.ask("trace", "3")[0] == 0, "the mail went or waits")
            limits = post.need("site", "show", HOST)["limits"]
            held = {row["limit"]: row for row in limits if row["holds"]}
            assert held["mails"]["value"] == 1 and held["mails"]["by"] == "operator", held
            assert held["idle_time"]["value"] == "30s" and "until" in held["mails"], held
            assert held["connections"]["by"] == "setting", held
            post.need("site", "limit", HOST, "mails=default", "idle_time=default")
            processes.until(lambda: post.need("site", "show", ZONE)["waiting_in_all"] == 0,
                            "all goes without the limit")
            assert "operator" not in said(post, "site", "show", HOST)


@tap.case
def a_domain_is_paused_beside_others_of_its_site_also_over_a_restart():
    with post_office() as (post, port), exchanger.taking(PROGRAM, port=port):
        post.need("domain", "set", ZONE, "--pause", "--reason", "they move")  # with no daemon
        with post.serving():
            happens(post)
            answer = processes.until(
                lambda: (answer := post.ask("explain", "1"))[0] == 0
                and answer[1]["waits_for"] == "domain" and answer[1], "the mail waits")
            assert "they move" in "\n".join(answer["sentences"]), answer
            assert "domain set" in "\n".join(answer["sentences"]), answer
            assert [row["domain"] for row in post.need("domain", "list", "--paused")["domains"]] \
                == [ZONE]
            post.need("person", "add", "bob", "--address", f"bob@second.{ZONE}")
            post.need("watch", "bob", "issue/13")
            post.need("event", "issue/13", "commented", "--text", "Another one.")
            reaches(post, 2, "delivered")
            assert "they move" in said(post, "domain", "show", ZONE)
            post.need("queue", "now", "1")  # which ends no pause
            processes.until(lambda: post.need("domain", "show", ZONE)["waiting_in_all"] == 1,
                            "it waits still")
            post.need("domain", "set", ZONE, "--resume")
            reaches(post, 1, "delivered")


@tap.case
def a_domain_that_sleeps_is_looked_up_anew():
    with post_office() as (post, port):
        with post.serving():
            happens(post)
            processes.until(lambda: post.need("domain", "show", ZONE).get("asleep_until"),
                            "nobody listens: the domain sleeps")
            with exchanger.taking(PROGRAM, port=port):
                post.need("domain", "recheck", ZONE)
                post.need("queue", "now", "1")
                reaches(post, 1, "delivered")
        assert post.need("domain", "show", "nowhere.test")["known"] is False
        for words in (["domain", "set", ZONE], ["domain", "set", ZONE, "--pause", "--resume"],
                      ["domain", "set", ZONE, "--resume", "--for", "1h"],
                      ["domain", "show", "a b"]):
            assert post.ask(*words)[0] == 65, words


@tap.case
def a_route_is_explained_and_nothing_is_sent():
    with post_office() as (post, port), exchanger.taking(PROGRAM, port=port) as mx:
        for daemon in (contextlib.nullcontext(), post.serving()):
            with daemon:
                route = post.need("route", "explain", f"Ann@BOTH.{ZONE}")
                assert route["normal"] == f"ann@both.{ZONE}" and route["stopped_by"] == [], route
                first, second = route["dns"]["hosts"]
                assert (first["host"], first["preference"]) == (HOST, 10), route
                assert first["addresses"] == [{"address": "127.0.0.1"}], route
                assert "smtp.allow_private" in second["addresses"][0]["skipped"], route
                assert route["port"] == port and route["tls"] == "opportunistic", route
                held = {row["limit"]: row["by"] for row in route["limits"] if row["holds"]}
                assert held["connections"] == "setting", held
        text = said(post, "route", "explain", f"ann@both.{ZONE}")
        assert "10.1.2.3: skipped" in text and "Nothing stops it" in text, text
        nothing = post.need("route", "explain", f"ann@none.{ZONE}")
        assert "accepts no mail" in nothing["stopped_by"][0] and "site" not in nothing, nothing
        unknown = post.need("route", "explain", f"ann@unknown.{ZONE}")
        assert "does not exist" in unknown["stopped_by"][0], unknown
        literal = post.need("route", "explain", "ann@[127.0.0.1]")
        assert literal["dns"]["tried"] == 1 and literal["stopped_by"] == [], literal
        post.need("suppress", "add", f"ann@both.{ZONE}", "--reason", "objection")
        assert "suppressed (objection)" in said(post, "route", "explain", f"ann@both.{ZONE}")
        assert post.ask("route", "explain", "ann")[0] == 65
        assert mx.end()["connections"] == 0, mx.counts


@tap.case
def orders_that_cannot_be_followed_say_what_to_do():
    with post_office() as (post, port), exchanger.taking(PROGRAM, port=port):
        code, answer = post.ask("site", "pause", "nowhere.test")
        assert code == 66 and "site list" in answer["error"]["text"], answer
        with post.serving():
            happens(post)
            reaches(post, 1, "delivered")
            processes.until(lambda: post.ask("site", "show", ZONE)[0] == 0, "the site is known")
        for words, hint in ((["site", "limit", ZONE, "mails"], "KIND=VALUE"),
                            (["site", "limit", ZONE, "mail=3"], "known: connections"),
                            (["site", "limit", ZONE, "connections=0"], "1 to 10000"),
                            (["site", "limit", ZONE, "mails=3", "mails=4"], "given twice"),
                            (["site", "pause", ZONE, "--stream", "fast"], "known: urgent"),
                            (["site", "pause", ZONE, "--until", "yesterday"], "until"),
                            (["site", "list", "--paused", "--blocked"], "exclude")):
            code, answer = post.ask(*words)
            assert code == 65 and hint in answer["error"]["text"], (words, code, answer)
        assert all(row["by"] != "operator" for row in post.need("site", "show", ZONE)["limits"])


tap.run()
