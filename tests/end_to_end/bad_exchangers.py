#!/usr/bin/python3
"""The daemon against exchangers that do each bad thing at each stage, all at once (tools/mxfarm):
every mail must end in the right state with the right words, nothing may be held for ever, and the
mail of a healthy domain beside them is on its way before the first patience has run out."""

import os
import tempfile
from pathlib import Path

import farm
import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
QUEUED, DEFERRED, SENDING, IN_DOUBT, DELIVERED, FAILED = 0, 1, 2, 3, 10, 11
HEALTHY = 40
CONNECTIONS = 4  # to one site
PATIENCE = "4s"
TIMEOUTS = "connect greeting ehlo starttls mail rcpt data block dot quit idle".split()

WAITED_FOR = {
    "greeting": "the greeting",
    "ehlo": "the answer to EHLO",
    "mail": "the answer to MAIL",
    "rcpt": "the answer to RCPT",
    "data": "the answer to DATA",
    "dot": "the answer to the content",
    "content": "the answer to the content",
}

# What a deed in the place of a reply leads to: the state (None: deferred, in doubt after the dot)
# and the words, in which {} is what was waited for.
ENDS = {
    "close": (None, "connection lost while waiting for {}"),
    "drop": (None, "connection lost while waiting for {}"),
    "half": (None, "connection lost while waiting for {}: the server closed the connection; a reply had"),
    "stall": (None, "timed out while waiting for {}"),
    "late 60000": (None, "timed out while waiting for {}"),
    "trickle": (None, "timed out while waiting for {}; a reply had begun"),
    "flood": (None, "the reply has too many lines"),
    "line": (None, "a line of the reply is too long"),
    "junk": (None, "the line does not begin with a reply code"),
    "reply 999 odd": (None, "the line does not begin with a reply code: 999 odd"),
    "reply 451 4.3.0 odd": (DEFERRED, "odd"),
    "leave": (DEFERRED, "closing"),
    "drip": (DELIVERED, ""),
    "nul": (DELIVERED, ""),
    "reply 250 2.0.0 odd": (DELIVERED, ""),
}

# What is special: the state and words of a deed at a stage.
SPECIAL = {
    ("data", "reply 250 2.0.0 odd"): (DEFERRED, "this code cannot answer DATA: 250"),
    ("data", "reply 550 5.7.1 odd"): (FAILED, "odd"),
    ("greeting", "reply 550 5.7.1 odd"): (DEFERRED, "odd"),
    ("ehlo", "reply 550 5.7.1 odd"): (DELIVERED, ""),  # HELO is taken
    ("mail", "reply 550 5.7.1 odd"): (FAILED, "odd"),
    ("rcpt", "reply 550 5.7.1 odd"): (FAILED, "odd"),
    ("dot", "reply 550 5.7.1 odd"): (FAILED, "odd"),
    ("greeting", "talk"): (DEFERRED, "a reply to nothing we asked"),
    ("greeting", "twice"): (DEFERRED, "a reply to nothing we asked"),
    ("ehlo", "twice"): (DEFERRED, "a reply to nothing we asked"),
    ("mail", "twice"): (DEFERRED, "this code cannot answer DATA: 250"),
    ("rcpt", "twice"): (DEFERRED, "this code cannot answer DATA: 250"),
    ("dot", "twice"): (DELIVERED, ""),
    ("connect", "close"): (DEFERRED, "connection lost while waiting for the greeting"),
    ("connect", "drop"): (DEFERRED, "Connection reset by peer"),
    ("greeting", "drop"): (DEFERRED, "Connection reset by peer"),
    ("connect", "refuse"): (DEFERRED, "Connection refused"),
    ("connect", "silence"): (DEFERRED, "Connection timed out"),
    ("content", "early 550 5.7.1 enough"): (FAILED, "enough"),
    ("content", "early 451 4.3.0 later"): (DEFERRED, "later"),
    ("ehlo", "offer SIZE 10"): (FAILED, "the server takes at most 10"),
    ("ehlo", "offer STARTTLS"): (DELIVERED, ""),
    ("ehlo", "offer CHUNKING"): (DELIVERED, ""),
    ("ehlo", "offer LIMITS MAILMAX=0 RCPTMAX=0"): (DELIVERED, ""),
    ("ehlo", "offer DSN; DELIVERBY 1; SMTPUTF8; SIZE x; 8BITMIME y; =;  "): (DELIVERED, ""),
    ("starttls", "leave"): (DEFERRED, "closing"),
}

# STARTTLS that does not come to an end is an offer the less: the mail goes in the clear.
WITHOUT_TLS = [("starttls", deed) for deed in
               ("close", "drop", "half", "stall", "trickle", "flood", "line", "junk", "twice",
                "reply 451 4.3.0 odd", "reply 550 5.7.1 odd", "reply 999 odd")]
WITHOUT_TLS += [("handshake", deed) for deed in
                ("close", "drop", "stall", "trickle", "flood", "junk")]
AFTERWARDS = [(stage, deed) for stage in ("idle", "quit")
              for deed in ("close", "drop", "flood", "line", "junk", "trickle", "leave")]
AFTERWARDS += [("quit", "stall"), ("quit", "half"), ("quit", "twice")]


def expectations():
    """(stage, deed): (state, words)."""
    found = {}
    for stage, what in WAITED_FOR.items():
        for deed, (state, words) in ENDS.items():
            if stage != "content" or deed in ("close", "drop", "stall", "trickle", "flood", "line",
                                              "junk", "leave"):
                after_dot = stage in ("dot", "content")
                found[stage, deed] = (state or (IN_DOUBT if after_dot else DEFERRED),
                                      words.format(what))
    for row in WITHOUT_TLS + AFTERWARDS:
        found[row] = (DELIVERED, "")
    return {**found, **SPECIAL}


def settings(grown):
    return {
        "domain": "example.org",
        "resolver": {"address": grown.resolver},
        "smtp": {"port": grown.smtp, "allow_loopback": True,
                 "timeouts": {key: PATIENCE for key in TIMEOUTS}},
        "delivery": {"site_connections": CONNECTIONS, "retry_jitter": 0},
        "watching": {"window": "0s"},
    }


def event(topic, addresses):
    return {"topic": topic, "kind": "commented", "text": "It does not close.",
            "people": [{"key": address, "address": address} for address in addresses],
            "watch": [{"person": address, "topic": topic} for address in addresses]}


def sockets(process):
    """How many sockets a process has open."""
    folder = Path("/proc", str(process.pid), "fd")
    return sum(os.readlink(one).startswith("socket:") for one in folder.iterdir() if one.is_symlink())


def all_have_been_tried(post, mails):
    """Each delivery has ended its first pass: none is queued or on its way."""
    states = post.rows("SELECT state, attempts FROM delivery_state")
    return len(states) == mails and all(
        state not in (QUEUED, SENDING) and (state != DEFERRED or attempts) for state, attempts in states)


def delivered(post):
    return post.value("SELECT count(*) FROM delivery_state WHERE state = ?", DELIVERED)


def delivery_of(post, address):
    """State, words and the last stage of the one mail to an address."""
    return post.rows("SELECT s.state, coalesce(s.text, ''), (SELECT a.stage FROM attempt a "
                     "WHERE a.delivery = d.id ORDER BY a.id DESC LIMIT 1) FROM delivery d "
                     "JOIN delivery_state s ON s.delivery = d.id WHERE d.address = ?", address)[0]


def check_ends(post, names, expected):
    wrong = []
    for name, (row, (state, words)) in zip(names, expected.items()):
        got = delivery_of(post, f"p@{name}.{farm.ZONE}")
        if got[0] != state or words not in got[1]:
            wrong.append((row, (state, words), got))
    assert not wrong, "\n".join(f"{row}: expected {want}, got {got}" for row, want, got in wrong)


def check_healthy_came_first(post):
    last = post.value("SELECT max(a.id) FROM attempt a JOIN delivery d ON d.id = a.delivery "
                      "WHERE d.address LIKE '%@healthy.%'")
    first = post.value("SELECT min(id) FROM attempt WHERE text LIKE 'timed out%'")
    assert last < first, f"healthy mail waited for others: try {last} is after {first}"


def check_seen(seen, names, expected):
    for name, row in zip(names, expected):
        domain = seen[name]
        assert domain.get("open_most", 0) <= CONNECTIONS, (row, domain)
        assert domain.get("copies", 0) <= 1, (row, domain)
        silent = row in (("connect", "refuse"), ("connect", "silence"))
        assert silent or domain.get("deeds"), f"{row}: it was never done: {domain}"
    healthy = seen["healthy"]
    assert (healthy["dot"], healthy["recipients"], healthy["copies"]) == (HEALTHY, HEALTHY, 1)


@tap.case
def every_deed_at_every_stage_has_its_end_and_harms_nobody_else():
    expected = expectations()
    names = [f"n{i}" for i in range(len(expected))]
    lines = [f"{name} {stage} {deed}" for name, (stage, deed) in zip(names, expected)]
    healthy = [f"p{i}@healthy.{farm.ZONE}" for i in range(HEALTHY)]
    with tempfile.TemporaryDirectory(prefix="postroom-bad-") as name:
        folder = Path(name)
        with farm.growing(folder, ["healthy", *lines]) as grown:
            post = Installation.new(PROGRAM, folder / "mail", settings(grown))
            with post.serving() as daemon:
                before = sockets(daemon)
                post.insert(event("issue/1", [f"p@{name}.{farm.ZONE}" for name in names] + healthy))
                mails = len(names) + HEALTHY
                processes.until(lambda: all_have_been_tried(post, mails), "all have been tried",
                                patience_s=120, every_s=0.2)
                processes.until(lambda: sockets(daemon) <= before, "all connections are closed")
            check_ends(post, names, expected)
            check_healthy_came_first(post)
            check_seen(grown.end(), names, expected)


@tap.cases([
    ("it leaves", ("close", "drop", "leave"), True),
    ("it talks nonsense", ("flood", "line", "junk"), False),
])
def between_two_mails(deeds, goes_on):
    """Who leaves is asked anew at once; who talks nonsense is left alone for a while. Either way
    the mails are neither lost nor doubled."""
    names = [f"n{i}" for i in range(len(deeds))]
    people = [f"p@{name}.{farm.ZONE}" for name in names]
    lines = [f"{name} idle:1 {deed}" for name, deed in zip(names, deeds)]
    with tempfile.TemporaryDirectory(prefix="postroom-bad-") as name:
        folder = Path(name)
        with farm.growing(folder, lines) as grown:
            post = Installation.new(PROGRAM, folder / "mail", settings(grown))
            with post.serving():
                for n in (1, 2, 3):
                    post.insert(event(f"issue/{n}", people))
                wanted = (3 if goes_on else 1) * len(deeds)
                processes.until(lambda: delivered(post) >= wanted, f"{wanted} are delivered")
                processes.until(lambda: post.value(
                    "SELECT count(*) FROM delivery_state WHERE state = ?", SENDING) == 0, "no mail is on its way")
            seen = grown.end()
            states = {state for (state,) in post.rows("SELECT state FROM delivery_state")}
            assert states <= ({DELIVERED} if goes_on else {QUEUED, DEFERRED, DELIVERED}), states
            taken = sum(seen[name]["dot"] for name in names)
            assert taken == delivered(post), (taken, seen)
    assert all(seen[name]["deeds"] == 1 for name in names), seen


tap.run()
