#!/usr/bin/python3
"""The daemon against a name server that does each bad thing (tools/mxfarm): every mail must end in
the right state with the right words, and names that are answered well are not harmed."""

import os
import tempfile
from pathlib import Path

import farm
import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
DEFERRED, DELIVERED, FAILED = 1, 10, 11
GOOD = 60
SILENT = 20
LATE_MS = 20000  # later than the resolver's patience

UNUSABLE = (DEFERRED, "(no server gave a usable answer)")
NO_ANSWER = (DEFERRED, "looking up")  # known by libunbound or by our own patience
NO_HOST = (FAILED, "there is no mail host")

# A deed in the answer about the exchanger's name, and about its address: the state, the words.
ENDS = {
    ("mx", "servfail"): UNUSABLE,
    ("mx", "refused"): UNUSABLE,
    ("mx", "formerr"): UNUSABLE,
    ("mx", "nxdomain"): (FAILED, "does not exist"),
    ("mx", "nodata"): (DELIVERED, ""),  # the domain is its own exchanger (RFC 5321, 5.1)
    ("mx", "null"): (FAILED, "accepts no mail"),
    ("mx", "lame"): NO_HOST,
    ("mx", "local"): (FAILED, "name no host"),
    ("mx", "silent"): NO_ANSWER,
    ("mx", f"late {LATE_MS}"): NO_ANSWER,
    ("mx", "wrong-id"): NO_ANSWER,
    ("mx", "wrong-name"): UNUSABLE,
    ("mx", "junk"): NO_ANSWER,
    ("mx", "cut"): UNUSABLE,
    ("mx", "pointers"): UNUSABLE,
    ("mx", "flood"): (DELIVERED, ""),
    ("mx", "truncate"): (DELIVERED, ""),
    ("mx", "no-tcp"): NO_ANSWER,
    ("mx", "loop"): UNUSABLE,
    ("mx", "chain 64"): UNUSABLE,
    ("mx", "chain 3"): (DELIVERED, ""),
    ("mx", "many 300"): (DELIVERED, ""),
    ("mx", "poison"): (DELIVERED, ""),
    ("address", "servfail"): UNUSABLE,
    ("address", "refused"): UNUSABLE,
    ("address", "formerr"): UNUSABLE,
    ("address", "nxdomain"): NO_HOST,
    ("address", "nodata"): NO_HOST,
    ("address", "silent"): NO_ANSWER,
    ("address", "wrong-id"): NO_ANSWER,
    ("address", "wrong-name"): UNUSABLE,
    ("address", "junk"): NO_ANSWER,
    ("address", "cut"): UNUSABLE,
    ("address", "pointers"): UNUSABLE,
    ("address", "flood"): (DELIVERED, ""),
    ("address", "truncate"): (DELIVERED, ""),
    ("address", "no-tcp"): NO_ANSWER,
    ("address", "loop"): UNUSABLE,
    ("address", "chain 64"): UNUSABLE,
    ("address", "chain 3"): (DELIVERED, ""),
    ("address", "many 300"): (DEFERRED, "Connection refused"),
    ("address", "poison"): (DELIVERED, ""),
}


def settings(grown):
    return {
        "domain": "example.org",
        "resolver": {"address": grown.resolver, "timeout": "4s"},
        "smtp": {"port": grown.smtp, "allow_loopback": True},
        "delivery": {"retry_jitter": 0},
        "watching": {"window": "0s"},
    }


def event(topic, addresses):
    return {"topic": topic, "kind": "commented", "text": "It does not close.",
            "people": [{"key": address, "address": address} for address in addresses],
            "watch": [{"person": address, "topic": topic} for address in addresses]}


def people(names):
    return [f"p@{name}.{farm.ZONE}" for name in names]


def states(post):
    """State and words of each delivery that has been tried, by address."""
    return {address: (state, text) for address, state, text in post.rows(
        "SELECT d.address, s.state, coalesce(s.text, '') FROM delivery d JOIN delivery_state s "
        "ON s.delivery = d.id WHERE s.state >= ? OR s.state = ? AND s.attempts > 0",
        DELIVERED, DEFERRED)}


def tried(post, mails):
    processes.until(lambda: len(states(post)) == mails, "all have been tried", patience_s=60,
                    every_s=0.2)


@tap.case
def every_bad_answer_has_its_end():
    names = [f"n{i}" for i in range(len(ENDS))]
    lines = [f"{name} {stage} {deed}" for name, (stage, deed) in zip(names, ENDS)]
    with tempfile.TemporaryDirectory(prefix="postroom-names-") as name:
        folder = Path(name)
        with farm.growing(folder, lines) as grown:
            post = Installation.new(PROGRAM, folder / "mail", settings(grown))
            with post.serving():
                post.insert(event("issue/1", people(names)))
                tried(post, len(names))
            seen = grown.end()
        got = states(post)
    wrong = []
    for name, (row, (state, words)) in zip(names, ENDS.items()):
        assert seen[name].get("deeds"), f"{row}: it was never done"
        assert seen[name]["questions"] < 200, f"{row}: asked again and again: {seen[name]}"
        found = got[f"p@{name}.{farm.ZONE}"]
        if found[0] != state or words not in found[1]:
            wrong.append(f"{row}: expected {(state, words)}, got {found}")
    assert not wrong, "\n".join(wrong)


@tap.cases([("silence", "mx silent"), ("junk", "mx junk"), ("another's id", "mx wrong-id")])
def names_without_an_answer_harm_no_other(deed):
    """A forwarder that hears nothing from some zones is silent about them, and well otherwise."""
    bad = [f"b{i}" for i in range(SILENT)]
    good = [f"g{i}" for i in range(GOOD)]
    with tempfile.TemporaryDirectory(prefix="postroom-names-") as name:
        folder = Path(name)
        with farm.growing(folder, [f"{name} {deed}" for name in bad] + good) as grown:
            post = Installation.new(PROGRAM, folder / "mail", settings(grown))
            with post.serving():
                post.insert(event("issue/1", people(bad)))
                tried(post, SILENT)
                post.insert(event("issue/2", people(good)))
                tried(post, SILENT + GOOD)
            got = states(post)
    unharmed = [address for address in people(good) if got[address][0] == DELIVERED]
    assert len(unharmed) == GOOD, f"{GOOD - len(unharmed)} were harmed, like {got[people(good)[0]]}"


@tap.case
def a_lie_about_another_domain_is_not_believed():
    with tempfile.TemporaryDirectory(prefix="postroom-names-") as name:
        folder = Path(name)
        with farm.growing(folder, ["healthy", "liar mx poison"]) as grown:
            post = Installation.new(PROGRAM, folder / "mail", settings(grown))
            with post.serving():
                post.insert(event("issue/1", people(["liar"])))
                tried(post, 1)
                post.insert(event("issue/2", people(["healthy"])))
                tried(post, 2)
            assert grown.end()["healthy"]["dot"] == 1, grown.seen
            assert states(post)[people(["healthy"])[0]][0] == DELIVERED


tap.run()
