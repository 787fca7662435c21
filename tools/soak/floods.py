"""Exchangers and names that flood, stall and lie for as long as asked (tools/mxfarm), tried again
each second; beside them a healthy domain gets its mail. Memory, descriptors and threads of the
daemon must be, in the end, what they were after a minute."""

import itertools
import os
import time
from pathlib import Path

import farm
import processes
from installation import Installation

MEASURE_S = 60  # what it needs is known by then, or after a third of a short run
GROWTH = 1.05
PEOPLE = 4  # at each bad domain
HEALTHY = 20
EVERY_S = 1.0
TOLD_EVERY_S = 60
TIMEOUTS = "connect greeting ehlo starttls mail rcpt data block dot quit idle".split()
DEEDS = [f"{stage} {deed}"
         for stage in ("greeting", "ehlo", "starttls", "mail", "rcpt", "data", "content", "dot", "quit")
         for deed in ("flood", "line", "trickle", "drop", "junk")]
DEEDS += [f"handshake {deed}" for deed in ("flood", "junk", "stall", "drop")]
DEEDS += [f"idle {deed}" for deed in ("flood", "line", "junk", "leave")]
DEEDS += [f"{stage} {deed}" for stage in ("mx", "address")
          for deed in ("flood", "junk", "silent", "chain 64", "many 300", "pointers")]


def settings(grown):
    return {
        "domain": "example.org",
        "resolver": {"address": grown.resolver, "timeout": "3s"},
        "smtp": {"port": grown.smtp, "allow_loopback": True,
                 "timeouts": {key: "2s" for key in TIMEOUTS}},
        "delivery": {"retry_jitter": 0, "unreachable_retry": ["1s"], "full_retry": ["1s"],
                     "greylist_retry": ["1s"], "keep_dialogues": "10s"},
        "streams": {"notices": {"retry": ["1s"]}},
        "watching": {"window": "0s"},
    }


def event(topic, addresses):
    return {"topic": topic, "kind": "commented", "text": "It does not close.",
            "people": [{"key": address, "address": address} for address in addresses],
            "watch": [{"person": address, "topic": topic} for address in addresses]}


def state_of(process):
    """Resident kilobytes, descriptors and threads."""
    folder = Path("/proc", str(process.pid))
    lines = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    return (int(lines["VmRSS"].split()[0]), len(os.listdir(folder / "fd")), int(lines["Threads"]))


class Watch:
    """The most that was seen in the first minute, and in the last."""

    def __init__(self, daemon, seconds):
        self.daemon = daemon
        self.begin = time.monotonic()
        self.seconds = seconds
        self.measure_s = min(MEASURE_S, seconds / 3)
        self.first = (0, 0, 0)
        self.last = (0, 0, 0)
        self.fewest_descriptors = None  # in the last minute: connections come and go, leaks stay
        self.told = 0.0

    def is_over(self):
        return time.monotonic() >= self.begin + self.seconds

    def look(self):
        seen = state_of(self.daemon)
        passed = time.monotonic() - self.begin
        if passed < self.measure_s:
            self.first = tuple(map(max, self.first, seen))
        if passed > self.seconds - self.measure_s:
            self.last = tuple(map(max, self.last, seen))
            self.fewest_descriptors = min(seen[1], self.fewest_descriptors or seen[1])
        if passed - self.told >= TOLD_EVERY_S:
            self.told = passed
            print(f"  {passed / 60:.0f} min: {seen[0]} kB, {seen[1]} descriptors, "
                  f"{seen[2]} threads", flush=True)

    def check(self, without_memory):
        for what, first, last in zip(("kB resident", "descriptors", "threads"), self.first, self.last):
            print(f"  {what}: {first} at most in the first {self.measure_s:.0f} s, "
                  f"{last} in the last", flush=True)
        assert without_memory or self.last[0] <= self.first[0] * GROWTH, "memory grows"
        assert self.fewest_descriptors <= self.first[1], "descriptors grow"
        assert self.last[2] <= self.first[2], "threads grow"


def run(options, folder):
    names = [f"n{i}" for i in range(len(DEEDS))]
    bad = [f"p{i}@{name}.{farm.ZONE}" for name in names for i in range(PEOPLE)]
    good = [f"p{i}@healthy.{farm.ZONE}" for i in range(HEALTHY)]
    lines = ["healthy", *(f"{name} {deed}" for name, deed in zip(names, DEEDS))]
    with farm.growing(folder, lines) as grown:
        post = Installation.new(options.program, folder / "mail", settings(grown))
        with post.serving() as daemon:
            post.insert(event("issue/bad", bad))
            watch = Watch(daemon, options.seconds)
            for number in itertools.count():
                if watch.is_over():
                    break
                post.insert(event(f"issue/{number % 100}", good))
                watch.look()
                time.sleep(EVERY_S)
            processes.until(lambda: healthy_all_delivered(post), "the healthy mail is delivered",
                            patience_s=60)
        seen = grown.end()
    tries = post.value("SELECT count(*) FROM attempt")
    flooded = sum(domain.get("flooded", 0) for domain in seen.values())
    print(f"  {tries} tries, {flooded >> 20} MB of floods, {seen['healthy']['dot']} healthy mails",
          flush=True)
    watch.check(options.without_memory)


def healthy_all_delivered(post):
    return post.value("SELECT count(*) FROM delivery d JOIN delivery_state s ON s.delivery = d.id "
                      "WHERE d.domain = ? AND s.state < 10", f"healthy.{farm.ZONE}") == 0
