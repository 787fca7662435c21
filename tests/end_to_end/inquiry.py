#!/usr/bin/python3
"""The questions about one mail, asked as an operator asks them: a real daemon, a real exchanger,
real commands, with the daemon up and down."""

import contextlib
import hashlib
import os
import pty
import re
import subprocess
import tempfile
from pathlib import Path

import exchanger
import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
TO = "ann@[127.0.0.1]"  # no name to look up
WATCHED = {"key": "issue/12", "kind": "issue", "title": "It does not close"}


def settings(port, **more):
    return {
        "domain": "example.org",
        "resolver": {"address": "127.0.0.1@9"},
        "smtp": {"port": port, "allow_loopback": True},
        "delivery": {"retry_jitter": 0, "greylist_retry": ["1h"]},
        "watching": {"window": "0s"},
        **more,
    }


@contextlib.contextmanager
def installed(port, **more):
    with tempfile.TemporaryDirectory(prefix="postroom-inquiry-") as name:
        installation = Installation.new(PROGRAM, Path(name) / "mail", settings(port, **more))
        installation.need("person", "add", "ann", "--address", TO)
        installation.need("topic", "add", "issue/12")
        installation.need("watch", "ann", "issue/12")
        yield installation


def comment(installation):
    installation.insert({"topic": WATCHED, "kind": "commented", "text": "It does not close."})


def said(installation, *words):
    """What a command says to people."""
    done = subprocess.run([PROGRAM, *words], cwd=installation.folder, capture_output=True,
                          text=True, check=True, timeout=processes.PATIENCE_S)
    return done.stdout


def on_a_terminal(installation, *words):
    """The lines a command writes on a terminal of no known width."""
    ours, theirs = pty.openpty()
    subprocess.run([PROGRAM, *words], cwd=installation.folder, stdout=theirs, check=True,
                   timeout=processes.PATIENCE_S)
    os.close(theirs)
    text = os.read(ours, 65536).decode()
    os.close(ours)
    return text.splitlines()


def mail_id(mail):
    return str(mail["delivery"])


def until_state(installation, state):
    def reached():
        mails = installation.need("deliveries", "--state", state)["deliveries"]
        return mails and mail_id(mails[0])
    return processes.until(reached, f"a mail is {state}")


def until_waiting(installation, waits_for, *words):
    def reached():
        code, answer = installation.ask("explain", *words)
        return code == 0 and answer.get("waits_for") == waits_for and answer
    return processes.until(reached, f"explain says {waits_for}")


def sums(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.glob("postroom.db*")) if not path.name.endswith("-shm")}


@tap.case
def events_that_are_being_collected_say_until_when():
    with installed(9, watching={"window": "1h"}) as here, here.serving():
        comment(here)
        answer = until_waiting(here, "window", "ann", "issue/12")
        assert "until" in answer and "delivery" not in answer, answer
        text = said(here, "explain", "ann", "issue/12")
        assert "events of issue/12 are collected until" in text and "ann" in text, text


@tap.case
def a_greylisted_mail_is_explained_and_traced_in_the_servers_words():
    with exchanger.taking(PROGRAM, "--greylist-for", "1h", "--name", "mx.example.net") as mx, \
            installed(mx.port) as here:
        with here.serving():
            comment(here)
            mail = until_state(here, "deferred")
            answer = here.need("explain", mail)
            assert answer["waits_for"] == "greylisting", answer
            assert answer["daemon"]["running"], answer
            text = said(here, "explain", mail)
            assert "greylisting" in text and "the server said: 4" in text, text
            assert "is given up at" in text and "No daemon" not in text, text
            tried = here.need("trace", mail)["tries"][0]
            assert tried["ip"] == "127.0.0.1" and tried["said_by"] == "server", tried
            assert tried["stage"] == "rcpt" and 400 <= tried["code"] < 500, tried
        text = said(here, "explain", mail)
        assert "No daemon runs on this store" in text and "tried again at" in text, text


@tap.case
def a_server_that_is_down_is_named_with_its_words():
    with installed(processes.free_port()) as here, here.serving():
        comment(here)
        answer = processes.until(lambda: explained_failure(here), "the server was asked")
        assert answer["waits_for"] in ("retry", "domain"), answer
        assert "refused" in "\n".join(answer["sentences"]), answer
        lanes = here.need("queue")["lanes"]
        assert [(lane["domain"], lane["waiting"]) for lane in lanes] == [("[127.0.0.1]", 1)], lanes


def explained_failure(installation):
    """Of the one mail, once its server was asked in vain; nobody tried the mail itself then."""
    mails = installation.need("deliveries")["deliveries"]
    answer = installation.need("explain", mail_id(mails[0])) if mails else {}
    return ("last_try" in answer or answer.get("domain", {}).get("failures")) and answer


@tap.case
def a_delivered_mail_keeps_its_facts_when_its_bytes_are_gone():
    with exchanger.taking(PROGRAM, "--tls") as mx, installed(mx.port) as here:
        with here.serving():
            comment(here)
            mail = until_state(here, "delivered")
        trace = here.need("trace", mail)
        assert {"made", "first_due", "ended", "message_id", "to"} <= trace.keys(), trace
        assert trace["person"] == "ann", trace
        assert trace["events"] == [{"event": 1, "topic": "issue/12", "kind": "commented"}], trace
        intent, = trace["intents"]
        assert intent["mail_from"].endswith("@bounce.example.org"), intent
        assert "example.org" in intent["from"] and intent["subject"], intent
        assert intent["size"] > 500 and re.fullmatch("[0-9a-f]{64}", intent["sha256"]), intent
        assert intent["template_revision"] >= 1 and intent["template"], intent
        tried, = trace["tries"]
        assert tried["outcome"] == "delivered" and tried["code"] == 250, tried
        assert tried["tls"].startswith("TLS") and tried["text"], tried
        text = said(here, "explain", mail)
        assert "was delivered at" in text and tried["text"][:20] in text, text
        text = said(here, "trace", mail)
        assert intent["sha256"] in text and tried["tls"] in text, text
        assert "issue/12: commented (event 1)" in text, text

        found = here.need("deliveries", "--message-id", f"<{trace['message_id']}>")["deliveries"]
        assert [mail_id(mail) for mail in found] == [mail], found
        for words in (["--subject", intent["subject"][:8].upper()], ["--words", tried["text"][:10]],
                      ["--to", TO], ["--to", "ann"], ["--since", "1h"], ["--state", "delivered"]):
            found = here.need("deliveries", *words)["deliveries"]
            assert [mail_id(mail) for mail in found] == [mail], (words, found)
        for words in (["--domain", "[127.0.0.1]"], ["--after", str(int(mail) + 1)]):
            found = here.need("deliveries", *words)["deliveries"]
            assert [mail_id(mail) for mail in found] == [mail], (words, found)
        lines = on_a_terminal(here, "deliveries")
        assert len(lines) == 3 and max(len(line) for line in lines) <= 80, lines
        assert "ann@[127.0.0.1]" in lines[1] and re.search(r"T\d\d:\d\dZ ", lines[1]), lines
        assert "It does not close" in lines[2], lines
        for words in (["explain", mail], ["trace", mail], ["queue"], ["queue", "--domain", "[127.0.0.1]"]):
            lines = on_a_terminal(here, *words)
            assert max(len(line) for line in lines) <= 80, (words, lines)
        for words in (["--subject", "nothing of it"], ["--words", "no such words"],
                      ["--since", "2099-01-01T00:00:00Z"], ["--state", "failed"]):
            assert here.need("deliveries", *words)["deliveries"] == [], words


@tap.case
def mail_cut_off_while_sent_is_in_doubt_after_the_next_start():
    with exchanger.taking(PROGRAM, "--rate", "1", "--delay", "1s") as mx, \
            installed(mx.port, streams={"notices": {"retry": ["1h"]}}) as here:
        with here.started() as daemon:
            comment(here)
            mail = until_state(here, "sending")
            assert here.need("explain", mail)["waits_for"] == "answer"
            daemon.kill()
            daemon.wait()
        answer = here.need("explain", mail)
        assert answer["waits_for"] == "daemon", answer
        assert "will be in doubt" in "\n".join(answer["sentences"]), answer
        with here.serving():
            answer = until_waiting(here, "doubt", mail)
            assert "at most 2 times" in "\n".join(answer["sentences"]), answer


@tap.case
def a_server_that_blocks_us_is_left_alone_in_its_words():
    blocks = "rcpt:*=550 5.7.1 Listed by spamhaus"
    with exchanger.taking(PROGRAM, "--answer", blocks) as mx, installed(mx.port) as here:
        with here.serving():
            comment(here)
            until_state(here, "failed")
            comment(here)
            mail = until_state(here, "queued")
            answer = until_waiting(here, "site", mail)
            assert "until" in answer and answer["lane"]["site"], answer
            text = said(here, "explain", mail)
            assert "take no mail of the stream notices from us" in text, text
            assert "Listed by spamhaus" in text, text
            lane, = here.need("queue")["lanes"]
            assert lane["left_alone_until"] == answer["until"], lane
            alarm, = here.need("alarms")["alarms"]
            assert "spamhaus" in alarm["text"] and alarm["severity"] == "error", alarm
            here.need("alarms", "clear", str(alarm["alarm"]))
            assert here.need("alarms")["alarms"] == []
            assert here.ask("alarms", "clear", str(alarm["alarm"]))[0] == 66
        with here.serving():  # a block outlives the daemon that heard it
            here.need("queue", "now", mail)
            comment(here)
            processes.until(lambda: len(here.need("trace", mail)["events"]) == 3,
                            "the daemon works: the mail that waits tells this, too")
            assert until_waiting(here, "site", mail)["until"] == answer["until"]
        assert here.need("trace", mail)["tries"] == []


@tap.case
def who_is_suppressed_gets_nothing_and_can_be_taken_back():
    with exchanger.taking(PROGRAM, "--greylist-for", "1h") as mx, installed(mx.port) as here, \
            here.serving():
        comment(here)
        mail = until_state(here, "deferred")
        assert here.need("suppress", "add", "ANN@[127.0.0.1]",
                         "--reason", "unsubscribed")["ended_deliveries"] == 1
        assert "was suppressed" in said(here, "explain", mail)
        kept = here.need("suppress", "add", TO, "--reason", "bounced")
        assert kept["kept"] and kept["reason"] == "unsubscribed", kept
        assert "stronger" in said(here, "suppress", "add", TO, "--reason", "bounced")
        assert [row["target"] for row in here.need("suppress", "list")["suppressions"]] == [TO]
        assert here.need("suppress", "rm", TO)["reason"] == "unsubscribed"
        assert here.need("suppress", "list")["suppressions"] == []
        code, answer = here.ask("suppress", "rm", TO)
        assert code != 0 and "not suppressed" in str(answer), (code, answer)
        assert here.need("why", "ann", "1")["outcome"] == "suppressed"
        comment(here)
        processes.until(lambda: here.need("why", "ann", "1")["outcome"] == "queued",
                        "the next mail of the thread tells the first event too")


@tap.case
def questions_change_no_byte():
    with exchanger.taking(PROGRAM, "--greylist-for", "1h") as mx, installed(mx.port) as here:
        with here.serving():
            comment(here)
            mail = until_state(here, "deferred")
        before = sums(here.folder)
        for words in (["explain", mail], ["explain", "ann", "issue/12"], ["trace", mail], ["queue"],
                      ["queue", "--domain", "[127.0.0.1]"], ["queue", "--stream", "notices"],
                      ["deliveries", "--words", "later"], ["suppress", "list"]):
            here.need(*words)
            assert sums(here.folder) == before, words


@tap.case
def questions_about_nothing_say_so():
    with installed(9) as here:
        for words, hint in ((["explain", "17"], "no delivery 17"), (["trace", "17"], "no delivery 17"),
                            (["explain", "seventeen"], "must be a number"),
                            (["explain", "nobody", "issue/12"], "nobody"),
                            (["explain", "ann", "issue/13"], "issue/13"),
                            (["explain", "ann", "issue/12"], "nothing waits"),
                            (["queue", "--stream", "fast"], "fast"),
                            (["deliveries", "--state", "lost"], "lost")):
            code, answer = here.ask(*words)
            assert code not in (0, 1) and hint in str(answer), (words, code, answer)


@tap.case
def addresses_get_a_verdict_a_line():
    lines = ['"ann@example.org"', '"ann"', "17", "", '"j\\u00fcrgen@b\\u00fccher.example"',
             '"a\\r\\nRCPT TO:<b@c>@d"', '"\\"a b\\"@[IPv6:::1]"', '"a\\u0000b@c"', '"cut off']
    done = subprocess.run([PROGRAM, "check-address"], input="\n".join(lines), text=True,
                          capture_output=True, check=True, timeout=processes.PATIENCE_S)
    verdicts = done.stdout.splitlines()
    assert [verdict.split()[0] for verdict in verdicts] == \
        ["ok", "bad", "bad", "bad", "ok", "bad", "ok", "bad", "bad"], verdicts
    assert all(len(verdict) > 4 for verdict in verdicts if verdict.startswith("bad")), verdicts


tap.run()
