"""script/bench send: mails a second and CPU per 1,000 mails of postroom, beside the floor."""

import contextlib
import socket
import time

import exchanger
import floor
import processes
import town
from installation import Installation
from measure import Meter

FLOOR = "floor: mailblast"
SIGNATURE = "bare rsa2048 signature"
MAKING = "postroom, making"
QUEUED = "postroom, sending"
FLOOR_CONNECTIONS = 50
SOURCE_CONNECTIONS = 10  # where smtp-source was
STALLED_S = 60
DELIVERED = 10  # what an attempt came to

COLUMNS = (
    ("domains", "domains", "d", 7),
    ("what", "what", "s", -22),
    ("mails", "mails", ",d", 9),
    ("seconds", "s", ".1f", 6),
    ("rate", "mails/s", ",d", 8),
    ("cpu", "CPU s/1000", ".4f", 10),
    ("sink_cpu", "sink", ".4f", 7),
    ("of_floor", "of floor", ".1%", 8),
    ("of_equal", "of equal", ".1%", 8),
    ("octets", "octets", "d", 6),
    ("connections", "connections", "d", 11),
    ("others", "others", ".2f", 6),
)
FINAL = ("delivered", "failed", "expired", "suppressed", "cancelled", "held", "in_doubt")


def add_arguments(parser):
    parser.add_argument("--domains", default="1,10,1000", help="towns to send to (%(default)s)")
    parser.add_argument("--legs", default="floor,queued,unsigned,signed", help="what to measure")
    parser.add_argument("--queued", type=int, default=4, help="events whose mails wait, for a leg")
    parser.add_argument("--seconds", type=float, default=30, help="of each leg, at least")
    parser.add_argument("--people", type=int, default=100000, help="mails an event makes")
    parser.add_argument("--size", type=int, default=4096, help="octets of a mail, about")
    parser.add_argument("--connections", type=int, default=50, help="to a site, at most")
    parser.add_argument("--connections-most", type=int, default=1000, help="in all, at most")


class Leg:
    """postroom sends, from an event's row to the last mail delivered, and as many events more as
    keep it busy for the time wanted."""

    def __init__(self, options, installation, sink, daemon):
        self.options = options
        self.installation = installation
        self.sink = sink
        self.meter = Meter({"sender": daemon.pid, "sink": sink.process.pid})
        self.events = 0

    def _counts(self):
        return dict(self.installation.rows(
            "SELECT state, sum(n) FROM counter WHERE scope = 'all' GROUP BY state"))

    def _next_event(self):
        self.events += 1
        self.installation.insert(town.event(self.events, self.options.size))

    def _feed(self):
        """Keeps half an event's mails waiting until the time is over, then waits for the end."""
        people = self.options.people
        done = 0
        moved_at = self.meter.elapsed()
        while True:
            counts = self._counts()
            before, done = done, sum(counts.get(state, 0) for state in FINAL)
            now = self.meter.elapsed()
            moved_at = now if done != before else moved_at
            assert now - moved_at < STALLED_S, f"no mail moves: {counts}"
            if now < self.options.seconds and self.events * people - done < people / 2:
                self._next_event()
            elif done >= self.events * people:
                return counts
            time.sleep(0.1)

    def run(self):
        self._next_event()
        counts = self._feed()
        first, last = self.installation.rows("SELECT min(at), max(at) FROM attempt")[0]
        mails = self.events * self.options.people
        assert counts.get("delivered") == mails, f"not all was delivered: {counts}"
        return self.meter.read(mails, seconds=(last - first) / 1000)


def _deliver(options, home, domains, resolver, signed):
    """One leg on a copy of the installation `home`: what was measured, and what arrived."""
    folder = options.folder / "leg"
    addresses = town.addresses(domains)
    with contextlib.ExitStack() as stack:
        installation = stack.enter_context(town.copied(home, folder))
        sink = stack.enter_context(exchanger.taking(options.program, addresses=addresses))
        installation.configure(town.settings(options, resolver, sink.port, signed))
        daemon = stack.enter_context(installation.serving())
        measured = Leg(options, installation, sink, daemon).run()
        processes.stop(daemon)
        counts = sink.end()
    assert counts["messages"] == measured.mails, f"{measured.mails} were sent: {counts}"
    return measured, counts["octets"] / counts["messages"], counts["connections"]


def _counted(installation, *states):
    counts = dict(installation.rows(
        "SELECT state, sum(n) FROM counter WHERE scope = 'all' GROUP BY state"))
    return sum(counts.get(state, 0) for state in states)


def _make_queue(options, installation):
    """Events become mails that wait, for a nameserver that says nothing: what was measured, from
    the first event's row to the last delivery made."""
    mails = options.queued * options.people
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as silent:
        silent.bind(("127.0.0.1", 0))
        settings = town.settings(options, f"127.0.0.1@{silent.getsockname()[1]}")
        settings["resolver"]["timeout"] = "5m"
        installation.configure(settings)
        with installation.serving() as daemon:
            meter = Meter({"sender": daemon.pid})
            installation.insert(*[town.event(i, options.size) for i in range(options.queued)])
            processes.until(lambda: _counted(installation, "queued", "deferred") == mails,
                            "all mails wait", patience_s=900, every_s=0.1)
            return meter.read(mails)


def _send_queue(options, installation, domains, resolver):
    """The mails that wait leave, but for the few whose names were looked up in vain before: what was
    measured, from the start of the daemon."""
    with exchanger.taking(options.program, addresses=town.addresses(domains)) as sink:
        installation.configure(town.settings(options, resolver, sink.port))
        with installation.serving() as daemon:
            meter = Meter({"sender": daemon.pid, "sink": sink.process.pid})
            processes.until(lambda: _counted(installation, "queued", "sending") == 0,
                            "all mails left", patience_s=900, every_s=0.1)
            mails = _counted(installation, "delivered")
            first, last = installation.rows(
                "SELECT min(at), max(at) FROM attempt WHERE outcome = ?", DELIVERED)[0]
            measured = meter.read(mails, seconds=(last - first) / 1000)
        counts = sink.end()
    sent = _counted(installation, "delivered")
    assert counts["messages"] == sent, f"{sent} were sent: {counts}"
    return measured, counts


def _queue_rows(options, home, domains, resolver, floors):
    """Making the mails and sending them, one after the other."""
    with town.copied(home, options.folder / "queue") as installation:
        yield _row(domains, MAKING, _make_queue(options, installation))
        measured, counts = _send_queue(options, installation, domains, resolver)
        yield _row(domains, QUEUED, measured, floors,
                   octets=round(counts["octets"] / counts["messages"]),
                   connections=counts["connections"])


def _row(domains, what, measured, floors=(None, None), **more):
    return {
        "domains": domains,
        "what": what,
        "mails": measured.mails,
        "seconds": round(measured.seconds, 2),
        "rate": round(measured.rate),
        "cpu": round(measured.per_1000("sender"), 4),
        **({"sink_cpu": round(measured.per_1000("sink"), 4)} if "sink" in measured.cpu else {}),
        **{column: round(measured.rate / base.rate, 3)
           for column, base in zip(("of_floor", "of_equal"), floors) if base},
        "others": round(measured.others, 2),
        **more,
    }


def _floors(options, domains):
    """The floor, and the one with as many connections as postroom may have."""
    addresses = town.addresses(domains)
    base = floor.blaster(options, addresses, FLOOR_CONNECTIONS)
    yield FLOOR, base
    allowed = min(options.connections * domains, options.connections_most)
    equal = base
    if allowed != FLOOR_CONNECTIONS:
        equal = floor.blaster(options, addresses, allowed)
    yield f"mailblast, {allowed} ways", equal


def _town_rows(options, legs, domains):
    """The legs of one town, next to each other."""
    floors = []
    for what, measured in _floors(options, domains) if "floor" in legs else ():
        if measured not in floors:
            yield _row(domains, what, measured)
        floors.append(measured)
    if not {"queued", "unsigned", "signed"} & set(legs):
        return
    home = Installation.new(options.program, options.folder / f"town-{domains}",
                            town.settings(options))
    town.populate(home, options.people, domains)
    with town.serving_names(options.folder / f"names-{domains}", domains) as resolver:
        if "queued" in legs:
            yield from _queue_rows(options, home, domains, resolver, floors)
        for leg in ("unsigned", "signed"):
            if leg not in legs:
                continue
            measured, octets, connections = _deliver(options, home, domains, resolver,
                                                     signed=leg == "signed")
            yield _row(domains, f"postroom, {leg}", measured, floors, octets=round(octets),
                       connections=connections)


def _judge(table, rows):
    """Design's bars, for those legs that were run."""
    of = {(row.get("domains"), row["what"]): row for row in rows}
    source, signature = of.get((1, "smtp-source -d")), of.get((None, SIGNATURE))
    for (domains, what), row in of.items():
        if what == FLOOR and domains == 1 and source:
            ratio = round(row["rate"] / source["rate"], 2)
            table.judge("floor, times smtp-source -d", ratio, 2, ratio >= 2)
        if what in (QUEUED, "postroom, unsigned") and "of_floor" in row:
            limit = 0.3 if domains == 1 else 0.4
            table.judge(f"rate at {domains} domains, of the floor, {what}", row["of_floor"], limit,
                        row["of_floor"] >= limit)
        if what == "postroom, unsigned":
            table.judge(f"CPU s/1000 at {domains} domains", row["cpu"], 0.15, row["cpu"] <= 0.15)
        unsigned = of.get((domains, "postroom, unsigned"))
        if what == "postroom, signed" and unsigned and signature:
            limit = round(unsigned["cpu"] + 1.2 * signature["cpu"], 4)
            table.judge(f"CPU s/1000 at {domains} domains, signed", row["cpu"], limit,
                        row["cpu"] <= limit)


def run(options, table):
    options.window = "0s"
    legs = options.legs.split(",")
    rows = []

    def tell(row):
        rows.append(row)
        table.tell(row)

    if "floor" in legs:
        source = floor.smtp_source(options, town.addresses(1)[0], SOURCE_CONNECTIONS)
        tell(_row(1, "smtp-source -d", source))
    if "signed" in legs:
        cost = floor.signature_cost(options.seconds / 3)
        tell({"what": SIGNATURE, "cpu": round(cost, 4)})
    for domains in map(int, options.domains.split(",")):
        for row in _town_rows(options, legs, domains):
            tell(row)
    _judge(table, rows)
