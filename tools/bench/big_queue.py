"""script/bench big-queue: memory and the first mail after a start with millions waiting."""

import contextlib
import os
import sqlite3
import time

import exchanger
import processes
import town
from installation import Installation
from measure import Meter

COLUMNS = (
    ("what", "what", "s", -30),
    ("waiting", "waiting", ",d", 11),
    ("store_mb", "store MB", ",d", 9),
    ("first_s", "first mail s", ".2f", 12),
    ("rss_mb", "RSS MB", ",d", 7),
    ("open", "connections", ",d", 11),
    ("mails", "mails", ",d", 9),
    ("rate", "mails/s", ",d", 8),
    ("cpu", "CPU s/1000", ".4f", 10),
)
RSS_MB_MOST = 300
FIRST_S_MOST = 2
WHY_WATCHED_ABOVE = 41 << 52  # as src/domain/watching.h packs it


def add_arguments(parser):
    parser.add_argument("--waiting", type=int, default=10000000, help="mails that wait")
    parser.add_argument("--domains", type=int, default=1000, help="towns to send to")
    parser.add_argument("--threads", type=int, default=100, help="what the mails are about")
    parser.add_argument("--people", type=int, default=100000, help="whom they are for")
    parser.add_argument("--seconds", type=float, default=30, help="to send for")
    parser.add_argument("--size", type=int, default=4096, help="octets of a mail, about")
    parser.add_argument("--connections", type=int, default=3, help="to a site, at most")
    parser.add_argument("--connections-most", type=int, default=2000, help="in all, at most")
    parser.add_argument("--delay", default="100ms", help="before each word of the exchangers")


def _fill(installation, options):
    """Mails of events that happened to `threads` issues, by the statements that promotion runs,
    for all people at once: so many cannot come in by the door in a reasonable time."""
    db = sqlite3.connect(installation.folder / "postroom.db")
    n, people = options.waiting, options.people
    with contextlib.closing(db), db:
        db.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;"
                         "PRAGMA temp_store = MEMORY;")
        at = db.execute("SELECT max(at) FROM event").fetchone()[0]
        base = db.execute("SELECT coalesce(max(id), 0) FROM delivery").fetchone()[0]
        db.execute("CREATE TEMP TABLE who AS SELECT row_number() OVER (ORDER BY p.id) - 1 AS n,"
                   " p.id AS person, a.address, a.normal, substr(a.normal, instr(a.normal, '@')"
                   " + 1) AS domain FROM person p JOIN person_address a ON a.person = p.id")
        db.execute("CREATE UNIQUE INDEX temp.who_n ON who (n)")
        db.execute("CREATE TEMP TABLE about AS SELECT row_number() OVER (ORDER BY id) - 1 AS n,"
                   " id AS thread FROM topic WHERE key LIKE 'issue/%'")
        db.execute("CREATE UNIQUE INDEX temp.about_n ON about (n)")
        numbers = "WITH RECURSIVE i (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM i WHERE i < ?)"
        db.execute(numbers + " INSERT INTO delivery (id, stream, cause, cause_id, person, address,"
                   " normal, domain, message_id, first_due, made_at)"
                   " SELECT ? + 1 + i, 1, 1, about.thread, who.person, who.address, who.normal,"
                   " who.domain, 'big.' || i || '@bench.example', ?, ? FROM i"
                   " JOIN who ON who.n = i % ? JOIN about ON about.n = (i / ?) % ?",
                   (n - 1, base, at, at, people, people, options.threads))
        db.execute("INSERT INTO delivery_state (delivery, state, due_at)"
                   " SELECT id, 0, ? FROM delivery WHERE id > ?", (at, base))
        db.execute("UPDATE event SET silent = 0 WHERE kind = 'commented'")
        db.execute("INSERT INTO delivery_part (delivery, thread, from_seq, to_seq, why)"
                   " SELECT d.id, d.cause_id, e.seq, e.seq, ? + (SELECT id FROM topic WHERE key = ?)"
                   " FROM delivery d JOIN event e ON e.thread = d.cause_id WHERE d.id > ?",
                   (WHY_WATCHED_ABOVE, town.PROJECT["key"], base))
        db.execute("INSERT INTO lane (stream, domain, strand, waiting) SELECT stream, domain,"
                   " cause_id % 16, count(*) FROM delivery WHERE id > ? GROUP BY 1, 2, 3"
                   " ON CONFLICT DO UPDATE SET waiting = excluded.waiting", (base,))
        db.execute("INSERT INTO counter (scope, key, state, node, n) VALUES"
                   " ('all', '', 'queued', 1, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n", (n,))
        db.execute("UPDATE sequence SET next = ? WHERE name = 'delivery'", (base + n + 1000000,))


def _resident_mb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmRSS"))


def _connections(pid):
    return sum(os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:")
               for fd in os.listdir(f"/proc/{pid}/fd")
               if os.path.islink(f"/proc/{pid}/fd/{fd}"))


def _delivered(installation):
    return installation.value("SELECT coalesce(sum(n), 0) FROM counter WHERE scope = 'all' AND"
                              " state = 'delivered'")


def _make(options):
    home = Installation.new(options.program, options.folder / "town", town.settings(options))
    town.populate(home, options.people, options.domains)
    with home.serving():
        home.insert(*[{**town.event(i, options.size), "silent": True}
                      for i in range(options.threads)])
        processes.until(lambda: home.value("SELECT count(*) FROM event WHERE kind = 'commented'"
                                           " AND seq IS NOT NULL") == options.threads,
                        "the events are in", patience_s=120, every_s=0.2)
    _fill(home, options)
    return home


def _start(options, home, resolver, what):
    """Starts it, waits for the first mail, lets it send for a while and looks."""
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(exchanger.taking(
            options.program, "--delay", options.delay, addresses=town.addresses(options.domains)))
        home.configure(town.settings(options, resolver, sink.port))
        waiting = home.value("SELECT sum(waiting) FROM lane")
        before = _delivered(home)
        began = time.monotonic()
        daemon = stack.enter_context(home.serving())
        processes.until(lambda: _delivered(home) > before, "a first mail", patience_s=120,
                        every_s=0.01)
        first = time.monotonic() - began
        meter = Meter({"sender": daemon.pid})
        begin = _delivered(home)
        most = connections = 0
        while meter.elapsed() < options.seconds:
            time.sleep(0.5)
            most = max(most, _resident_mb(daemon.pid))
            connections = max(connections, _connections(daemon.pid))
        measured = meter.read(_delivered(home) - begin)
    return {"what": what, "waiting": waiting, "first_s": round(first, 2), "rss_mb": most,
            "open": connections, "mails": measured.mails, "rate": round(measured.rate),
            "store_mb": (home.folder / "postroom.db").stat().st_size // 1000000,
            "cpu": round(measured.per_1000("sender"), 4)}


def run(options, table):
    options.window = "1h"
    rows = []
    home = _make(options)
    with town.serving_names(options.folder / "names", options.domains) as resolver:
        for what in ("first start", "started again"):
            rows.append(_start(options, home, resolver, what))
            table.tell(rows[-1])
    worst = max(row["rss_mb"] for row in rows)
    slowest = max(row["first_s"] for row in rows)
    table.judge("RSS MB", worst, RSS_MB_MOST, worst <= RSS_MB_MOST)
    table.judge("seconds to the first mail", slowest, FIRST_S_MOST, slowest <= FIRST_S_MOST)
