#!/usr/bin/python3
"""Law 2 as the kernel saw it: in a trace of the daemon's system calls, each mail's intent has been
written to the store's log and synced before the final dot of that mail is handed to a socket."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

import exchanger
import nameserver
import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
PEOPLE = 40
ZONE = "dot.test"
LOG = "/postroom.db-wal>"

CALL = re.compile(
    r"(?P<thread>\d+) +(?:(?P<name>\w+)\((?P<words>.*)|<\.\.\. (?P<resumed>\w+) resumed>.*)")
SPOKEN = re.compile(r"MAIL FROM:<(?P<sender>[^>]*)>|(?P<dot>\\r\\n\.\\r\\n)")


class Trace:
    """Reads lines of strace -f -y in their order and says which mails' dots came too early."""

    def __init__(self):
        self.unsynced = ""  # what was written to the log since the last sync began
        self.syncing = {}  # thread: what its sync, now under way, makes durable
        self.durable = ""
        self.sender = {}  # socket: of the mail now under way
        self.proven = set()
        self.early = set()

    def read(self, lines):
        for line in lines:
            match = CALL.match(line)
            if not match:
                continue
            if match["resumed"]:
                self._call_ended(match["thread"], match["resumed"], line)
            else:
                self._call(match["thread"], match["name"], match["words"], line)

    def _call(self, thread, name, words, line):
        if name in ("fdatasync", "fsync"):
            if LOG in words:
                self.syncing[thread], self.unsynced = self.unsynced, ""
            if "unfinished" not in line:
                self._call_ended(thread, name, line)
        elif LOG in words:
            self.unsynced += words
        elif "<socket:" in words:
            self._spoken(words)

    def _call_ended(self, thread, name, line):
        if name in ("fdatasync", "fsync") and line.rstrip().endswith("= 0"):
            self.durable += self.syncing.pop(thread, "")

    def _spoken(self, words):
        socket = words.partition(",")[0]
        for said in SPOKEN.finditer(words):
            if said["sender"]:
                self.sender[socket] = said["sender"]
            elif socket in self.sender:
                sender = self.sender.pop(socket)
                (self.proven if sender in self.durable else self.early).add(sender)


# A trace as strace writes it, to see that the reader tells right from wrong.
WRITTEN = r'7 pwrite64(9</m/postroom.db-wal>, "\0b.aaa@x\0", 9, 0) = 9'
SYNCED = "7 fdatasync(9</m/postroom.db-wal>) = 0"
SYNC_BEGUN = "7 fdatasync(9</m/postroom.db-wal> <unfinished ...>"
SYNC_ENDED = "7 <... fdatasync resumed>) = 0"
ASKED = r'8 sendto(12<socket:[5]>, "MAIL FROM:<b.aaa@x>\r\nDATA\r\n", 27, 0, NULL, 0) = 27'
DOT = r'8 sendto(12<socket:[5]>, "Subject: a\r\n\r\na\r\n.\r\n", 19, 0, NULL, 0) = 19'


@tap.cases([
    ("all in order", [ASKED, WRITTEN, SYNCED, DOT], True),
    ("the sync ends before the dot", [ASKED, WRITTEN, SYNC_BEGUN, SYNC_ENDED, DOT], True),
    ("no sync", [ASKED, WRITTEN, DOT], False),
    ("the sync is under way at the dot", [ASKED, WRITTEN, SYNC_BEGUN, DOT, SYNC_ENDED], False),
    ("the sync began before the intent", [ASKED, SYNC_BEGUN, WRITTEN, SYNC_ENDED, DOT], False),
    ("the sync comes after the dot", [ASKED, WRITTEN, DOT, SYNCED], False),
    ("nothing is written", [ASKED, SYNCED, DOT], False),
])
def the_reader_of_traces_knows(lines, fine):
    trace = Trace()
    trace.read(lines)
    assert (len(trace.proven), len(trace.early)) == ((1, 0) if fine else (0, 1)), vars(trace)


def strace_words(path):
    calls = "fdatasync,fsync,write,pwrite64,writev,pwritev,sendto,sendmsg"
    return ["strace", "-f", "-y", "-s", "100000", "-e", f"trace={calls}", "-e", "signal=none",
            "-o", path]


def need_strace(folder):
    tried = subprocess.run([*strace_words(folder / "trial"), "true"], capture_output=True,
                           text=True, check=False)
    if tried.returncode != 0:
        raise tap.Skip(f"strace may not trace here: {tried.stderr.strip().splitlines()[-1:]}")


def settings(resolver, port):
    return {
        "domain": "example.org",
        "resolver": {"address": resolver},
        "smtp": {"port": port, "allow_loopback": True},
        "delivery": {"site_connections": 3},
        "watching": {"window": "0s"},
    }


def event():
    return {
        "topic": "issue/1",
        "kind": "commented",
        "text": "It does not close.",
        "people": [{"key": f"p{i}", "address": f"p{i}@{ZONE}"} for i in range(PEOPLE)],
        "watch": [{"person": f"p{i}", "topic": "issue/1"} for i in range(PEOPLE)],
    }


@tap.case
def every_intent_is_synced_before_the_final_dot():
    with tempfile.TemporaryDirectory(prefix="postroom-dot-") as name:
        folder = Path(name)
        need_strace(folder)
        with exchanger.taking(PROGRAM) as sink, nameserver.serving(
            folder / "names", ZONE, ["@ MX 10 mx", "mx A 127.0.0.1"]
        ) as resolver:
            installation = Installation.new(PROGRAM, folder / "mail", settings(resolver, sink.port))
            leaks = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"  # not under ptrace
            with installation.started(strace_words(folder / "trace"),
                                      env={**os.environ, "ASAN_OPTIONS": leaks}):
                installation.insert(event())
                processes.until(lambda: installation.rows(
                    "SELECT n FROM counter WHERE scope = 'all' AND state = 'delivered'"
                ) == [(PEOPLE,)], "all mails are delivered", patience_s=90)
                installation.end()
            assert sink.end()["messages"] == PEOPLE, sink.counts
        trace = Trace()
        with open(folder / "trace", encoding="ascii") as lines:
            trace.read(lines)
        senders = {row[0] for row in installation.rows("SELECT mail_from FROM intent")}
        assert not trace.early, f"the dot came before the intent was synced: {trace.early}"
        assert trace.proven == senders and len(senders) == PEOPLE, (trace.proven, senders)


tap.run()
