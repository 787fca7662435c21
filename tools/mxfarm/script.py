"""The script of a farm: a line a domain, with what goes wrong at its exchanger or its names.

    NAME [STAGE[:TIMES] DEED [VALUE]], ...     # a remark

NAME.farm.test is a domain with one exchanger of its own. STAGE says when the deed is done, TIMES how
often before all is well there; `bad_exchanger.DEEDS` and `bad_nameserver.DEEDS` say what can be done.

    healthy
    falls-silent  dot stall
    greylists     rcpt:1 reply 450 4.2.0 try again later
    liar          ehlo offer STARTTLS, starttls reply 454 4.7.0 not today
    no-answer     mx silent
"""

import re
from dataclasses import dataclass, field

import bad_exchanger
import bad_nameserver

ZONE = "farm.test"
MOST = 4000  # domains: each has an address of its own

LINE = re.compile(r"(?P<name>[a-z0-9]([a-z0-9-]*[a-z0-9])?)(\s+(?P<deeds>.*))?")
DEED = re.compile(r"(?P<stage>\w+)(:(?P<times>\d+))?\s+(?P<what>[\w-]+)(\s+(?P<value>.*))?")


class Mistake(Exception):
    """The script cannot be followed: which line, and why."""


@dataclass
class Deed:
    """One thing that goes wrong, `left` times more (None: always)."""

    what: str
    value: str = ""
    left: int | None = None

    def number(self, otherwise):
        return int(self.value or otherwise)


@dataclass
class Domain:
    """A line of the script, and what has been seen of it."""

    name: str
    address: str
    deeds: dict
    seen: dict = field(default_factory=dict)
    copies: dict = field(default_factory=dict)  # mails taken, by recipient

    def deed(self, stage):
        """What goes wrong now at `stage`; None: nothing."""
        deed = self.deeds.get(stage)
        if deed is None or deed.left == 0:
            return None
        if deed.left is not None:
            deed.left -= 1
        self.count("deeds")
        return deed

    def count(self, what, n=1):
        self.seen[what] = self.seen.get(what, 0) + n

    def most(self, what, n):
        self.seen[what] = max(self.seen.get(what, 0), n)


def _deed(text, number):
    match = DEED.fullmatch(text.strip())
    known = {**bad_exchanger.DEEDS, **bad_nameserver.DEEDS}
    if not match or match["stage"] not in known:
        raise Mistake(f"line {number}: {text.strip()!r}: say STAGE DEED [VALUE]; "
                      f"stages are {', '.join(known)}")
    if match["what"] not in known[match["stage"]]:
        raise Mistake(f"line {number}: at {match['stage']} there are the deeds "
                      f"{', '.join(sorted(known[match['stage']]))}")
    left = int(match["times"]) if match["times"] else None
    return match["stage"], Deed(match["what"], match["value"] or "", left)


def _address(index):
    return f"127.77.{index // 250}.{index % 250 + 1}"


def read(text):
    """The domains of a script, by name."""
    domains = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        match = LINE.fullmatch(line)
        if not match or match["name"] in domains:
            raise Mistake(f"line {number}: begin with a NAME of a-z, 0-9 and -, each once")
        deeds = dict(_deed(part, number) for part in (match["deeds"] or "").split(",") if part)
        if len(domains) == MOST:
            raise Mistake(f"line {number}: more than {MOST} domains")
        domains[match["name"]] = Domain(match["name"], _address(len(domains)), deeds)
    if not domains:
        raise Mistake("the script names no domain")
    return domains
