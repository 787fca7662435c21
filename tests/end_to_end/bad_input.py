#!/usr/bin/python3
"""Bad input, command by command: what is refused is named with what to do, by a code of
sysexits.h, and changes nothing."""

import contextlib
import json
import os
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import processes
import tap
from refusals import (CONFIG, CONFLICT, DATA, MISSING, PROGRAM, REFUSED, USAGE, content, furnish,
                      installation, must_refuse, run)

# ---- the command line: words, exit code, what must be said ----

LINES = [
    ([], "which command?"),
    (["-x"], "-x"),
    (["--bogus"], "unknown option --bogus"),
    (["bogus"], 'unknown command "bogus"'),
    (["person", "bogus"], 'unknown command "person bogus"'),
    (["--json=no", "queue"], "--json takes no value"),
    (["--config"], "--config needs a value"),
    (["--config", "a", "--config", "b", "queue"], "--config is given twice"),
    (["queue", "more"], '"more" is one word too many'),
    (["queue", "-v"], "two dashes"),
    (["person", "add"], "PERSON is missing"),
    (["person", "add", "x", "--colour", "red"], "unknown option --colour"),
    (["person", "add", "x", "--address"], "--address needs a value"),
    (["person", "add", "x", "--name", "a", "--name", "b"], "--name is given twice"),
    (["watch", "x", "y", "--until", "1d", "--until", "2d"], "--until is given twice"),
    (["domain", "set", "x.example", "--pause", "--for", "2h", "--until", "2099-01-01"],
     "--for and --until exclude each other"),
    (["person", "list", "--limit", "x"], '--limit: must be a whole number, got "x"'),
    (["person", "list", "--limit", "9" * 30], "must be a whole number"),
    (["event"], "TOPIC is missing"),
    (["event", "issue/12"], "KIND is missing"),
    (["event", "issue/12", "commented", "--urgent=yes"], "--urgent takes no value"),
    (["why", "brian"], "EVENT is missing"),
    (["kind", "add"], "KIND is missing"),
    (["watch", "brian"], "TOPIC is missing"),
    (["grant", "add", "brian"], "LABEL is missing"),
    (["suppress", "add"], "TARGET is missing"),
    (["init", "elsewhere"], "--domain is missing"),
    (["serve", "now"], '"now" is one word too many'),
]


def line_names(rows):
    return [("postroom " + " ".join(row[0]), *row) for row in rows]


@tap.cases(line_names(LINES))
def wrong_command_line(words, said):
    with tempfile.TemporaryDirectory() as folder:
        done = run(folder, *words)
        if words[:1] == ["init"]:
            assert done.returncode == USAGE and said in done.stderr, done
        else:
            must_refuse(done, USAGE, said, "Try `postroom ")
        assert os.listdir(folder) == []


@tap.case
def a_program_that_asks_for_json_gets_json_for_a_wrong_line_too():
    for words in (["--json", "queue", "--colour"], ["queue", "--colour", "--json"]):
        with tempfile.TemporaryDirectory() as folder:
            done = run(folder, *words)
            said = json.loads(done.stdout)["error"]
            assert done.returncode == USAGE and done.stderr == "", done
            assert said["kind"] == "invalid" and "--colour" in said["text"], said


# ---- requests: words, exit code, what must be said ----

REQUESTS = [
    (["person", "add", "x", "--address", "nobody"], DATA, 'address "nobody"', "no @"),
    (["person", "add", "x", "--address", "@example.net"], DATA, "empty local part"),
    (["person", "add", "x", "--address", "x@"], DATA, "empty domain"),
    (["person", "add", "x", "--address", "a b@example.net"], DATA, "local part"),
    (["person", "add", "x", "--address", "a@b@example.net"], DATA, "domain"),
    (["person", "add", "x", "--address", "a@b..c"], DATA, "empty label"),
    (["person", "add", "x", "--address", "a@-b.c"], DATA, "hyphen"),
    (["person", "add", "x", "--address", "a\r\nRCPT TO:<b@c>@d"], DATA, "control character"),
    (["person", "add", "x", "--address", "x@[1.2.3]"], DATA, "address literal"),
    (["person", "add", "x", "--address", "x" * 65 + "@b.c"], DATA, "64 octets"),
    (["person", "add", "brian"], CONFLICT, '"brian" is taken'),
    (["person", "add", "brian@example.net"], CONFLICT, "already"),
    (["person", "add", ""], DATA, "cannot be empty"),
    (["person", "add", "a\tb"], DATA, "control characters"),
    (["person", "add", "#7"], DATA, "numbers are given by us"),
    (["person", "add", "x", "--status", "dead"], DATA, "active, inactive or suspended", '"dead"'),
    (["person", "add", "x", "--language", "not a language"], DATA, "no language tag"),
    (["person", "add", "x", "--timezone", "no zone!"], DATA, "Europe/Vienna"),
    (["person", "add", "x", "--self-notify", "maybe"], DATA, "yes or no"),
    (["person", "set", "nobody", "--name", "x"], MISSING, '"nobody"'),
    (["person", "show", "nobody"], MISSING, '"nobody"'),
    (["person", "show", "#99"], MISSING, "99"),
    (["person", "show", "team@example.net"], CONFLICT, "several people", "ann", "ben"),
    (["person", "list", "--limit", "0"], DATA, "1 to 1000"),
    (["person", "list", "--after", "-5"], DATA, "--after: ", "-5"),
    (["deliveries", "--after", "-5"], DATA, "--after: ", "-5"),
    (["queue", "resolve", "1", "lost"], DATA, "delivered or resend"),
    (["grant", "add", "nobody", "secret"], MISSING, '"nobody"'),
    (["grant", "add", "brian", ""], DATA, "LABEL: must not be empty"),
    (["grant", "add", "team@example.net", "secret"], CONFLICT, "several people"),
    (["kind", "add", "a b"], DATA, "kind's name"),
    (["kind", "add", "x", "--of", "plant"], DATA, "event or topic", '"plant"'),
    (["kind", "show", "unheard"], MISSING, '"unheard"'),
    (["topic", "add", "a b"], DATA, "topic's key"),
    (["topic", "add", "issue/ 12"], DATA, "topic's key"),
    (["topic", "add", "x" * 300], DATA, "at most"),
    (["topic", "add", "issue/12"], CONFLICT, "already"),
    (["topic", "add", "a/b", "--parent", "a/b"], CONFLICT, "cycle", "a/b in a/b"),
    (["topic", "set", "project/x", "--parent", "issue/12"], CONFLICT, "cycle",
     "project/x in issue/12 in project/x"),
    (["topic", "set", "un/known", "--title", "x"], MISSING, '"un/known"'),
    (["topic", "show", "un/known"], MISSING, '"un/known"'),
    (["topic", "add", "a/b", "--url", "javascript:alert(1)"], DATA, "http:// or https://"),
    (["topic", "rm", "project/x"], CONFLICT, "project/x", "stays"),
    (["topic", "list", "--in", "un/known"], MISSING, '"un/known"'),
    (["watch", "nobody", "project/x"], MISSING, '"nobody"'),
    (["watch", "team@example.net", "project/x"], CONFLICT, "several people"),
    (["watch", "brian", "a b"], DATA, "topic's key"),
    (["watch", "brian", "project/x", "--mode", "loud"], DATA, "weekly or mute", '"loud"'),
    (["watch", "brian", "project/x", "--kinds", "un-heard"], MISSING, '"un-heard"'),
    (["watch", "brian", "project/x", "--kinds", "a,,b"], DATA, "kinds"),
    (["watch", "brian", "project/x", "--kinds", "commented", "--mode", "mute"], DATA, "mute"),
    (["watch", "brian", "project/x", "--delay", "99d"], DATA, "up to 7d", '"99d"'),
    (["watch", "brian", "project/x", "--until", "yesterday"], DATA, "2026-11-24T18:00:00Z"),
    (["watch", "brian", "project/x", "--until", "2020-01-01T00:00:00Z"], DATA, "past"),
    (["unwatch", "brian", "un/known"], MISSING, '"un/known"'),
    (["unwatch", "ann", "project/x"], MISSING, "does not watch"),
    (["watches", "nobody"], MISSING, '"nobody"'),
    (["watchers", "un/known"], MISSING, '"un/known"'),
    (["event", "issue/12", ""], DATA, "KIND"),
    (["event", "a b", "commented"], DATA, "topic's key"),
    (["event", "issue/12", "commented", "--change", "foo"], DATA, "FIELD=OLD..NEW", '"foo"'),
    (["event", "issue/12", "commented", "--to", "team@example.net"], CONFLICT, "several people"),
    (["event", "issue/12", "commented", "--by", "team@example.net"], CONFLICT, "several people"),
    (["event", "issue/12", "commented", "--deadline", "soon"], DATA, "deadline", '"soon"'),
    (["event", "issue/12", "commented", "--scope", "a b"], DATA, "--scope"),
    (["event", "issue/12", "commented", "--thread", "a b"], DATA, "thread"),
    (["event", "issue/12", "commented", "--label", ""], DATA, "label"),
    (["event", "issue/12", "commented", "--url", "nowhere"], DATA, "http:// or https://"),
    (["event", "issue/12", "closed", "--key", "first"], CONFLICT, '"first"', "another content"),
    (["event", "show", "x"], DATA, '"x"'),
    (["event", "show", "99"], MISSING, "99"),
    (["event", "redact", "99"], MISSING, "99"),
    (["why", "nobody", "1"], MISSING, '"nobody"'),
    (["why", "brian", "99"], MISSING, "99"),
    (["why", "brian", "no key"], MISSING, '"no key"'),
    (["inbox", "list", "--limit", "0"], DATA, "1 to 1000"),
    (["inbox", "retry", "--id", "7"], MISSING, "row 7"),
    (["inbox", "retry", "--path", "other.db"], MISSING, '"other.db"', "`inbox list`"),
    (["deliveries", "--state", "lost"], DATA, '"lost"', "deferred, sending", "held, delivered"),
    (["deliveries", "--since", "once"], DATA, '"once"'),
    (["deliveries", "--after", "0"], DATA, "--after: "),
    (["trace"], DATA, "needs a DELIVERY, or --live"),
    (["explain", "99"], MISSING, "99"),
    (["explain", "brian"], DATA, '"brian"', "TOPIC"),
    (["trace", "99"], MISSING, "99"),
    (["trace", "x"], DATA, '"x"'),
    (["suppress", "add", "nobody"], DATA, "TARGET", "@ and a domain"),
    (["suppress", "add", "@"], DATA, "TARGET"),
    (["suppress", "add", "x@example.net", "--until", "once"], DATA, '"once"'),
    (["suppress", "add", "x@example.net", "--until", "2020-01-01T00:00:00Z"], DATA, "past"),
    (["suppress", "add", "x@example.net", "--scope", "a b"], DATA, "scope"),
    (["suppress", "rm", "x@example.net"], MISSING, "x@example.net is not suppressed"),
]

WITHOUT_STORE = [
    (["config", "explain", "nokey"], MISSING, "nokey"),
    (["manual", "nopage"], MISSING, "nopage", "postroom.yaml"),
    (["sink", "--listen", "nowhere"], DATA, "127.0.0.1:25"),
    (["sink", "--listen", "127.0.0.1:99999"], DATA, "127.0.0.1:99999"),
    (["sink", "--rate", "-1"], DATA, "rate"),
    (["sink", "--answer", "what"], DATA, '"what"'),
    (["sink", "--without", "WHAT"], DATA, "WHAT"),
    (["sink", "--delay", "long"], DATA, "long"),
    (["sink", "--folder", "nowhere/at/all"], REFUSED, "nowhere/at/all", "No such file"),
    (["sink", "--journal", "nowhere/at/all"], REFUSED, "nowhere/at/all", "No such file"),
    (["init", "new", "--domain", "no domain"], DATA, '--domain "no domain"'),
    (["init", "new", "--domain", "[192.0.2.1]"], DATA, "--domain"),
    (["init", ".", "--domain", "example.org"], CONFLICT, "exists already", "nothing was changed"),
    (["init", "no/such/folder", "--domain", "example.org"], REFUSED, "no/such/folder"),
]


@tap.case
def wrong_requests_change_nothing_with_the_daemon_down():
    with installation() as made:
        furnish(made)
        before = content(made)
        for words, code, *said in REQUESTS + WITHOUT_STORE:
            must_refuse(run(made.folder, *words), code, *said)
            assert content(made) == before, words
        assert not (made.folder / "new").exists()


@tap.case
def the_daemon_refuses_in_the_same_words():
    with installation() as made:
        furnish(made)
        down = [run(made.folder, *words).stderr for words, *_ in REQUESTS]
        before = content(made, "inbox.db")
        people, topics = made.need("person", "list"), made.need("topic", "list")
        with made.serving():
            for (words, code, *said), expected in zip(REQUESTS, down):
                done = run(made.folder, *words)
                must_refuse(done, code, *said)
                assert done.stderr == expected, (done.stderr, expected)
            assert made.need("person", "list") == people
            assert made.need("topic", "list") == topics
        assert content(made, "inbox.db") == before


@tap.case
def json_tells_errors_in_json():
    with installation() as made:
        done = run(made.folder, "--json", "person", "show", "nobody")
        error = json.loads(done.stdout)["error"]
        assert done.returncode == MISSING and done.stderr == "", done
        assert error["kind"] == "not_found" and "nobody" in error["text"], error


@tap.case
def what_is_not_utf8_is_refused_and_shown_safely():
    with installation() as made:
        for words, code in (([b"person", b"add", b"a\xff"], USAGE),
                            ([b"--config", b"no\xff\x1b[31m", b"queue"], CONFIG),
                            ([b"--json", b"--config", b"no\xff", b"queue"], CONFIG)):
            done = subprocess.run([PROGRAM.encode(), *words], cwd=made.folder, capture_output=True,
                                  check=False, timeout=processes.PATIENCE_S)
            said = (done.stdout + done.stderr).decode("utf-8")
            assert done.returncode == code and said != "" and "\x1b" not in said, done


@tap.case
def check_address_says_bad_and_why():
    lines = ['"ann@example.org"', '"no"', "not json", "17", '"a@b\\u0000c"', '""']
    done = run(".", "check-address", text="\n".join(lines) + "\n")
    verdicts = done.stdout.splitlines()
    assert done.returncode == 0 and len(verdicts) == len(lines), done
    assert verdicts[0] == "ok" and all(v.startswith("bad ") for v in verdicts[1:]), verdicts


@tap.case
def text_from_standard_input_must_be_utf8():
    with installation() as made:
        done = subprocess.run([PROGRAM, "event", "issue/12", "commented", "--text", "-"],
                              cwd=made.folder, input=b"\xff\xfe", capture_output=True, check=False,
                              timeout=processes.PATIENCE_S)
        assert done.returncode == DATA and b"UTF-8" in done.stderr, done
        assert made.value("SELECT count(*) FROM event") == 0


# ---- the configuration: text, line, what must be said ----

CONFIGURATIONS = [
    ("an unknown key", "domain: x.org\ncolour: red\n", 2, "colour", "config explain"),
    ("an unknown key of a group", "smtp:\n  prot: 25\n", 2, "smtp.prot"),
    ("a group taken for a key", "smtp: 25\n", 1, "smtp.port"),
    ("a number out of range", "\n\nsmtp:\n  port: 99999\n", 4, "smtp.port must be 1-65535", '"99999"'),
    ("no number", "smtp:\n  port: x\n", 2, "1-65535", '"x"'),
    ("a duration out of range", "watching:\n  window: 99d\n", 2, "0s-7d", '"99d"'),
    ("no duration", "watching:\n  window: long\n", 2, "0s-7d", '"long"'),
    ("a size out of range", "limits:\n  event_size: 1\n", 2, "1024-67108864", '"1"'),
    ("no flag", "smtp:\n  allow_loopback: maybe\n", 2, "true or false", '"maybe"'),
    ("an unknown choice", "streams:\n  notices:\n    in_doubt: burn\n", 3, "resend or hold", '"burn"'),
    ("an empty schedule", "streams:\n  notices:\n    retry: []\n", 3, "at least one"),
    ("a bad entry of a schedule", "streams:\n  notices:\n    retry: [1m, x]\n", 3, "1ms-30d", '"x"'),
    ("no domain name", "domain: a b\n", 1, "domain name", '"a b"'),
    ("no address", "sender:\n  address: nobody\n", 2, "mail address", '"nobody"'),
    ("no IP address", "smtp:\n  sources: [127.0.0.300]\n", 2, "IP addresses", '"127.0.0.300"'),
    ("no DNS server", "resolver:\n  address: ns.org\n", 2, "ADDRESS@PORT", '"ns.org"'),
    ("no URL", "public_url: ftp://x.org\n", 1, "http://", '"ftp://x.org"'),
    ("a delivery rule nobody knows", "deliver: some\n", 1, "only LIST", '"some"'),
    ("a list for a value", "smtp:\n  port: [25, 26]\n", 2, "not a list"),
    ("a key given twice", "domain: x.org\ndomain: y.org\n", 2, "twice"),
    ("a key without value", "domain:\n", 1, "no value"),
    ("a list instead of keys", "- a\n", 1, "`key: value`"),
    ("a broken quote", 'domain: "x\n', 2, ""),
    ("a tab for a blank", "smtp:\n\tport: 25\n", 2, ""),
    ("an anchor", "domain: &x y.org\n", 1, "anchors"),
]


@tap.cases(CONFIGURATIONS)
def configuration_is_refused_by_line(text, line, *said):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "postroom.yaml").write_text(text, encoding="utf-8")
        for words in (["config", "check"], ["queue"], ["person", "add", "x"], ["serve"]):
            must_refuse(run(folder, *words), CONFIG, f"postroom.yaml: line {line}: ", *said)
        assert os.listdir(folder) == ["postroom.yaml"]


@tap.case
def a_missing_configuration_is_named():
    with tempfile.TemporaryDirectory() as folder:
        must_refuse(run(folder, "--config", "no.yaml", "queue"), CONFIG, "no.yaml", "No such file")
        must_refuse(run(folder, "--config", ".", "queue"), CONFIG, "is a folder")


# ---- rows of an inbox: payload, reason ----

ROWS = [
    ("{broken", "broken JSON in line 1"),
    ("", "broken JSON"),
    ("[]", "a JSON object"),
    ('{"topic": "a/b", "topic": "c/d", "kind": "x"}', "duplicate"),
    ('{"topic": "a/b"}', "kind: is missing"),
    ('{"kind": "x"}', "topic: is missing"),
    ('{"topic": "a/b", "kind": "x", "colour": 1}', '"colour"'),
    ('{"topic": {"key": "a/b", "colour": 1}, "kind": "x"}', '"colour"'),
    ('{"topic": "a b", "kind": "x"}', "topic's key"),
    ('{"topic": {"key": "a/b", "parents": ["a/b"]}, "kind": "x"}', "cycle"),
    ('{"topic": "a/b", "kind": 7}', "kind: must be a text"),
    ('{"topic": "a/b", "kind": "x", "to": "ann"}', "to: must be a list"),
    ('{"topic": "a/b", "kind": "x", "to": [{"person": "team@example.net"}]}', "several people"),
    ('{"topic": "a/b", "kind": "x", "people": [{"key": "p", "address": "no"}]}', "no @"),
    ('{"topic": "a/b", "kind": "x", "at": "then"}', "at: must be a time"),
    ('{"topic": "a/b", "kind": "x", "strict": true}', '"a/b"'),
    ('{"topic": "a/b", "kind": "x", "changes": [{"old": 1}]}', "field: is missing"),
    ('{"topic": "a/b", "kind": "x", "text": "\\u0000"}', "broken JSON"),
    ('{"topic": "a/b", "kind": "x", "watch": [{"person": "p", "mode": "loud"}]}', "weekly or mute"),
    (json.dumps({"topic": "a/b", "kind": "x", "text": "x" * 2_000_000}), "at most 1048576 bytes"),
]


@tap.case
def a_bad_row_is_refused_with_its_reason_and_blocks_no_other():
    with installation() as made:
        furnish(made)
        with contextlib.closing(sqlite3.connect(made.folder / "inbox.db", timeout=30)) as inbox:
            inbox.executemany("INSERT INTO inbox (payload) VALUES (?)", [(row,) for row, _ in ROWS])
            inbox.execute("INSERT INTO inbox (payload) VALUES (?)",
                          ('{"topic": "good/one", "kind": "x"}',))
            inbox.commit()
        with made.serving():
            processes.until(lambda: made.ask("topic", "show", "good/one")[0] == 0, "the good one")
            processes.until(lambda: len(refused(made)) == len(ROWS), "the bad ones are refused")
            for row, (payload, reason) in zip(refused(made), ROWS):
                assert reason in row["reason"], row["reason"]
                assert row["payload"] == payload, "a refused row stays as it was"
            assert made.ask("topic", "show", "a/b")[0] == MISSING, "half an event was taken in"


def refused(made):
    return made.need("inbox", "list")["inboxes"][0]["refused"]


tap.run()
