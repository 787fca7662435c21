#!/usr/bin/python3
"""`postroom classify --replies`: what the replies of mail servers mean."""

import json
import os
import pathlib
import subprocess

import tap

REPLIES = pathlib.Path(os.environ["POSTROOM_SOURCE"]) / "tests" / "replies"


def classify(lines, *options):
    return subprocess.run(
        [os.environ["POSTROOM_BINARY"], *options, "classify", "--replies"],
        input="".join(line + "\n" for line in lines), capture_output=True, text=True, check=False)


def corpus(name):
    rows = [line.split(None, 1) for line in (REPLIES / name).read_text("utf-8").splitlines()
            if line and not line.startswith("#")]
    return [verdict for verdict, _ in rows], [text for _, text in rows]


def differences(name):
    expected, texts = corpus(name)
    answer = classify(texts)
    assert answer.returncode == 0, answer.stderr
    given = answer.stdout.splitlines()
    assert len(given) == len(expected), (len(given), len(expected))
    return [(want, got, text) for want, got, text in zip(expected, given, texts) if want != got]


@tap.case
def the_replies_the_table_was_made_with_are_understood():
    assert differences("seen.txt") == []


@tap.case
def the_replies_it_was_not_made_with_are_understood():
    assert differences("unseen.txt") == []


@tap.case
def no_block_is_ever_called_hard():
    for name in "seen.txt", "unseen.txt":
        expected, texts = corpus(name)
        # whatever the enhanced code that stands before the words of a block claims
        blocks = [text for want, text in zip(expected, texts) if want == "block"]
        assert "hard" not in classify(blocks).stdout.splitlines()
    assert len(corpus("seen.txt")[0]) + len(corpus("unseen.txt")[0]) >= 400


@tap.case
def as_json_a_reply_says_what_it_is_about_and_why():
    answer = classify([json.dumps("550 5.1.1 <a@b.example> User unknown"),
                       json.dumps("452 too much"), json.dumps("250 fine")], "--json")
    unknown, full, fine = [json.loads(line) for line in answer.stdout.splitlines()]
    assert unknown == {"verdict": "hard", "kind": "unknown_user", "scope": "recipient",
                       "code": 550, "status": "5.1.1", "why": "status 5.1.1"}, unknown
    assert (full["verdict"], full["kind"]) == ("soft", "mailbox_full"), full
    assert (fine["verdict"], fine["kind"], fine["why"]) == ("ok", "none", ""), fine


@tap.case
def replies_of_logs_and_reports_are_read():
    lines = ["smtp; 550 5.1.1 no such user", "550-5.1.1 no\r\n550 5.1.1 such user\r\n",
             "5.1.1 no such user", "550 no such\nuser here"]
    answer = classify([json.dumps(line) for line in lines])
    assert answer.stdout.split() == ["hard"] * 4, answer


@tap.case
def bad_input_is_named_by_its_line_and_the_rest_is_read():
    answer = classify(['"250 ok"', "250 ok", '"hello"', '"550 x\\n551 y"', '""', '"250 ok"'])
    assert answer.returncode == 65
    assert answer.stdout.split() == ["ok", "bad", "bad", "bad", "bad", "ok"], answer.stdout
    for number in 2, 3, 4, 5:
        assert f"line {number}: " in answer.stderr, answer.stderr
    assert "line 1" not in answer.stderr and "line 6" not in answer.stderr


@tap.case
def without_replies_it_says_what_to_do():
    answer = subprocess.run([os.environ["POSTROOM_BINARY"], "classify"], capture_output=True,
                            text=True, check=False)
    assert answer.returncode == 65 or answer.returncode == 64
    assert "--replies" in answer.stderr


tap.run()
