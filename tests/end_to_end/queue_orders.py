#!/usr/bin/python3
"""Orders about mail that waits, given to a daemon that sends and with none at all."""

import contextlib
import os
import tempfile
import time
from pathlib import Path

import exchanger
import nameserver
import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
ZONE = "queue.test"


def settings(resolver, port):
    return {
        "domain": "example.org",
        "resolver": {"address": resolver},
        "smtp": {"port": port, "allow_loopback": True},
        "delivery": {"greylist_retry": ["6h"]},
        "streams": {"notices": {"retry": ["6h"]}},
        "watching": {"window": "0s"},
    }


def happens(post):
    post.need("event", "issue/12", "commented", "--text", "It does not close.")


@contextlib.contextmanager
def post_office():
    """An installation with one watcher, whose exchanger listens on `port` when it does."""
    with tempfile.TemporaryDirectory(prefix="postroom-queue-") as name:
        folder = Path(name)
        port = processes.free_port()
        with nameserver.serving(folder / "names", ZONE, ["@ MX 10 mx", "mx A 127.0.0.1"]) as resolver:
            post = Installation.new(PROGRAM, folder / "mail", settings(resolver, port))
            post.need("person", "add", "ann", "--address", f"ann@{ZONE}")
            post.need("watch", "ann", "issue/12")
            yield post, port


def state_of(post, delivery):
    return post.need("trace", str(delivery))["state"]


def reaches(post, delivery, state, patience_s=processes.PATIENCE_S):
    processes.until(lambda: post.ask("trace", str(delivery))[0] == 0
                    and state_of(post, delivery) == state, f"delivery {delivery} is {state}",
                    patience_s)


@tap.case
def deferred_mail_is_tried_at_once():
    with post_office() as (post, port), exchanger.taking(PROGRAM, "--greylist", "1", port=port):
        with post.serving():
            happens(post)
            reaches(post, 1, "deferred")
            post.need("queue", "now", "1")
            reaches(post, 1, "delivered")
            code, said = post.ask("queue", "now", "1")
            assert code == 69 and "delivery 1 is delivered already" in said["error"]["text"], said
        assert len(post.need("trace", "1")["tries"]) == 2


@tap.case
def a_site_that_sleeps_is_woken():
    with post_office() as (post, port), post.serving():
        happens(post)
        reaches(post, 1, "deferred")
        processes.until(lambda: "site-down" in post.log.read_text(), "the site sleeps")
        with exchanger.taking(PROGRAM, port=port):
            post.need("queue", "now", "1")
            reaches(post, 1, "delivered", patience_s=15)  # by itself it sleeps 27 s at least


@tap.case
def held_mail_stays_until_it_is_released():
    with post_office() as (post, port), exchanger.taking(PROGRAM, "--greylist", "1", port=port):
        with post.serving():
            happens(post)
            reaches(post, 1, "deferred")
            held = post.need("queue", "hold", "1", "--reason", "asked by phone")["deliveries"][0]
            assert held["state"] == "held" and held["changed"], held
            assert "asked by phone" in post.need("trace", "1")["text"]
            code, said = post.ask("queue", "now", "1")
            assert code == 69 and "release" in said["error"]["text"], said
        assert post.need("queue", "release", "1")["deliveries"][0]["state"] == "deferred"
        post.need("queue", "now", "1")  # with no daemon
        with post.serving():
            reaches(post, 1, "delivered")


@tap.case
def cancelled_mail_is_not_sent_and_what_it_told_stays_owed():
    with post_office() as (post, port):
        with post.serving():
            happens(post)
            reaches(post, 1, "deferred")
        post.need("queue", "cancel", "1", "--reason", "wrong list")
        with post.serving(), exchanger.taking(PROGRAM, port=port):
            happens(post)
            processes.until(lambda: post.ask("trace", "2")[0] == 0, "the next mail is made")
            post.need("queue", "now", "2")
            reaches(post, 2, "delivered")
            assert post.need("why", "ann", "1")["outcome"] == "told"
        assert state_of(post, 1) == "cancelled"
        assert post.need("trace", "1")["reason"] == "cancelled"


@tap.case
def an_order_waits_for_the_servers_answer():
    with post_office() as (post, port), exchanger.taking(PROGRAM, "--greylist", "2", port=port):
        with post.serving():
            happens(post)
            reaches(post, 1, "deferred")
            code, said = post.ask("queue", "now", "1", "--wait")
            mail, = said["deliveries"]
            assert code == 75 and mail["answered"] and mail["state"] == "deferred", said
            assert 400 <= mail["last_try"]["code"] < 500, mail
            code, said = post.ask("queue", "now", "1", "--wait", "--timeout", "30s")
            assert code == 0 and said["deliveries"][0]["state"] == "delivered", said
        happens(post)
        assert post.ask("queue", "now", "1", "--timeout", "1s")[0] == 65


@tap.case
def waiting_ends_at_once_for_what_cannot_be_tried():
    with post_office() as (post, port), exchanger.taking(PROGRAM, "--greylist", "2", port=port):
        with post.serving():
            happens(post)
            reaches(post, 1, "deferred")

            def told(patience_s=60):
                began = time.monotonic()
                code, said = post.ask("queue", "now", "1", "--wait", "--timeout", f"{patience_s}s")
                assert time.monotonic() - began < 20, "it waited in vain"
                mail, = said["deliveries"]
                return code, mail

            post.need("domain", "set", ZONE, "--pause", "--reason", "they move house")
            code, mail = told()
            assert code == 75 and not mail["answered"] and "last_try" not in mail, mail
            assert mail["waits_for"] == "domain" and "move house" in str(mail["sentences"]), mail
            post.need("domain", "set", ZONE, "--resume")
            processes.until(lambda: post.need("explain", "1")["attempts"] == 2, "the order holds")
            post.need("queue", "hold", "1", "--reason", "asked by phone")
            code, mail = told()
            assert code == 75 and mail["waits_for"] == "operator", mail
            post.need("queue", "release", "1")
            code, mail = told()
            assert code == 0 and mail["answered"] and mail["state"] == "delivered", mail
            code, mail = told()  # before the order
            assert code == 0 and not mail["answered"] and mail["state"] == "delivered", mail
        orders = [order["order"] for order in post.need("trace", "1")["orders"]]
        assert orders == ["now", "hold", "release", "now"], orders
        assert any("asked by phone" in line for line in post.need("explain", "1")["sentences"])


@tap.case
def mail_in_doubt_is_listed_and_settled():
    with post_office() as (post, port):
        with exchanger.taking(PROGRAM, "--rate", "1", "--delay", "1s", port=port), \
                post.started() as daemon:
            happens(post)
            reaches(post, 1, "sending")
            daemon.kill()
            daemon.wait()
        with post.serving():
            reaches(post, 1, "in_doubt")
            listed = post.need("deliveries", "--state", "in_doubt")["deliveries"]
            assert [mail["delivery"] for mail in listed] == [1], listed
            code, said = post.ask("queue", "now", "1")
            assert code == 69 and "queue resolve" in said["error"]["text"], said
            with exchanger.taking(PROGRAM, port=port):
                post.need("queue", "resolve", "1", "resend")
                reaches(post, 1, "delivered")
            code, said = post.ask("queue", "resolve", "1", "delivered")
            assert code == 69 and "delivered already" in said["error"]["text"], said
        assert post.need("deliveries", "--state", "in_doubt")["deliveries"] == []
        assert post.ask("queue", "resolve", "1")[0] == 65
        assert post.ask("queue", "resolve", "1", "lost")[0] == 65
        assert post.ask("queue", "now", "1", "--wait")[0] == 0


@tap.case
def wrong_orders_change_nothing():
    with post_office() as (post, _port):
        assert post.ask("queue", "hold", "7")[0] == 66
        assert post.ask("queue", "hold", "x")[0] == 65
        assert post.ask("queue", "hold")[0] == 64


tap.run()
