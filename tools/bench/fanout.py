"""script/bench fanout: how long one event takes to become a notice for every watcher, with nothing
else to do and beside mail that flows; and what a second event inside the window costs."""

import contextlib
import sqlite3
import time

import exchanger
import processes
import town
from installation import Installation

COLUMNS = (
    ("what", "what", "s", -34),
    ("notices", "notices", ",d", 9),
    ("seconds", "s from row", ".3f", 10),
    ("work", "from intake", ".3f", 11),
    ("cpu", "CPU s", ".2f", 7),
    ("before", "mails/s before", ",d", 14),
    ("during", "during", ",d", 8),
)
WINDOW = "30m"
POLL_S = 0.002
PATIENCE_S = 600
TAKEN = (0, 1, 2, 3)  # states of an event's fan-out
FANNED_OUT = (2, 3)


def add_arguments(parser):
    parser.add_argument("--people", type=int, default=100000, help="who all watch the project")
    parser.add_argument("--domains", type=int, default=100, help="where they live")
    parser.add_argument("--seconds", type=float, default=10, help="of mail before the event")
    parser.add_argument("--traffic", type=int, default=4, help="events that make the mail; 0: none")
    parser.add_argument("--size", type=int, default=4096, help="octets of a mail, about")
    parser.add_argument("--connections", type=int, default=50, help="to a site, at most")
    parser.add_argument("--connections-most", type=int, default=1000, help="in all, at most")


class Watch:
    """Looks at the store beside the daemon, over one connection."""

    def __init__(self, installation, daemon):
        self.installation = installation
        self.daemon = daemon
        path = installation.folder / "postroom.db"
        self.store = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)

    def value(self, statement, *values):
        row = self.store.execute(statement, values).fetchone()
        return row[0] if row else None

    def delivered(self):
        return self.value("SELECT coalesce(sum(n), 0) FROM counter "
                          "WHERE scope = 'all' AND state = 'delivered'")

    def _until(self, key, states):
        processes.until(
            lambda: self.value("SELECT fan_state FROM event WHERE key = ?", key) in states,
            f"event {key} is in one of the states {states}", PATIENCE_S, POLL_S)

    def fan_out(self, what, event):
        """Records an event and waits until all it concerns are told: a row of the results."""
        cpu = processes.cpu_seconds(self.daemon.pid)
        mails = self.delivered()
        begin = time.monotonic()
        self.installation.insert(event)
        self._until(event["key"], TAKEN)
        taken = time.monotonic()
        self._until(event["key"], FANNED_OUT)
        end = time.monotonic()
        return {
            "what": what,
            "notices": self.value("SELECT told FROM event WHERE key = ?", event["key"]),
            "seconds": round(end - begin, 4),
            "work": round(end - taken, 4),
            "cpu": round(processes.cpu_seconds(self.daemon.pid) - cpu, 3),
            "during": round((self.delivered() - mails) / (end - begin)),
        }

    def notices(self, topic):
        """How many a thread has, and which events they began with."""
        return self.store.execute(
            "SELECT count(*), min(first_seq), max(first_seq) FROM notice WHERE thread = "
            "(SELECT id FROM topic WHERE key = ?)", (topic,)).fetchone()


def _event(options, number, key, **more):
    return town.event(number, options.size, key=key, **more)


def _two_events(options, watch, number, how):
    """An event for all and a second one of the same kind inside the window."""
    first = watch.fan_out(f"an event, {how}", _event(options, number, f"first-{number}"))
    assert first["notices"] == options.people, first
    yield first
    before = watch.notices(f"issue/{number}")
    second = watch.fan_out("a second one inside the window",
                           _event(options, number, f"second-{number}"))
    after = watch.notices(f"issue/{number}")
    assert before == after and before[0] == options.people, f"notices changed: {before}, {after}"
    assert second["notices"] == 0, second
    yield second


def _traffic(options, watch):
    """Makes mail flow, and waits until only mail is left to do; gives mails a second."""
    for number in range(options.traffic):
        watch.fan_out("traffic", _event(options, number, f"traffic-{number}", urgent=True))
    before, begin = watch.delivered(), time.monotonic()
    time.sleep(options.seconds)
    rate = (watch.delivered() - before) / (time.monotonic() - begin)
    assert rate > 0, "no mail flows"
    return round(rate)


def _beside_mail(options, watch):
    before = _traffic(options, watch)
    for row in _two_events(options, watch, options.traffic + 1, "beside mail"):
        yield {**row, "before": before}
    left = options.traffic * options.people - watch.delivered()
    assert left > 0, "the mail ran out before the end: raise --traffic"


def _judge(table, rows):
    for row in rows:
        if "second" in row["what"]:
            table.judge(f"{row['what']}, s from intake", row["work"], 0.05, row["work"] <= 0.05)
        if row.get("before") and row["notices"]:
            kept = round(row["during"] / row["before"], 2)
            table.judge("mail's rate beside fan-out, of before", kept, 0.7, kept >= 0.7)


def run(options, table):
    options.window = WINDOW
    rows = []

    def tell(row):
        rows.append(row)
        table.tell(row)

    installation = Installation.new(options.program, options.folder / "town",
                                    town.settings(options))
    seconds = town.populate(installation, options.people, options.domains)
    tell({"what": f"{options.people} people came", "seconds": round(seconds, 2)})
    with contextlib.ExitStack() as stack:
        resolver = stack.enter_context(
            town.serving_names(options.folder / "names", options.domains))
        sink = stack.enter_context(
            exchanger.taking(options.program, addresses=town.addresses(options.domains)))
        installation.configure(town.settings(options, resolver, sink.port))
        watch = Watch(installation, stack.enter_context(installation.serving()))
        for row in _two_events(options, watch, options.traffic, "nothing else to do"):
            tell(row)
        for row in _beside_mail(options, watch) if options.traffic else ():
            tell(row)
    _judge(table, rows)
