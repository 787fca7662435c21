"""script/bench inbox: rows of an application's own file, taken in while mail flows, and how long the
application waits for its inserts, beside the same inserts with nobody reading."""

import contextlib
import json
import multiprocessing
import sqlite3
import time

import exchanger
import processes
import town
from installation import Installation
from measure import Meter

COLUMNS = (
    ("what", "what", "s", -34),
    ("rows", "rows", ",d", 9),
    ("rate", "rows/s", ",d", 8),
    ("taken", "taken in/s", ",d", 10),
    ("behind", "s behind", ".2f", 8),
    ("median", "insert ms", ".2f", 9),
    ("p999", "p99.9", ".1f", 7),
    ("worst", "worst", ".1f", 7),
    ("mails", "mails/s", ",d", 8),
    ("cpu", "CPU s", ".1f", 7),
    ("others", "others", ".2f", 6),
)
RATE_LEAST = 2000
P999_MS_MOST = 150
APPLICATION = "application.db"
ISSUES = 10000
TABLES = 3  # of an inbox
TICK_S = 0.02
BUSY_TIMEOUT_S = 10
TAKEN_SHARE = 0.98  # of the rate of the inserts: the last rows are on their way at the end
KIND = "edited"


def add_arguments(parser):
    parser.add_argument("--rate", type=int, default=RATE_LEAST, help="rows a second, one a commit")
    parser.add_argument("--seconds", type=float, default=30, help="of inserts")
    parser.add_argument("--journal", default="wal,delete", help="modes of the application's file")
    parser.add_argument("--people", type=int, default=100000, help="whom the mail is for")
    parser.add_argument("--domains", type=int, default=100, help="where they live")
    parser.add_argument("--size", type=int, default=4096, help="octets of a mail, about")
    parser.add_argument("--connections", type=int, default=50, help="to a site, at most")
    parser.add_argument("--connections-most", type=int, default=1000, help="in all, at most")


def _row(number):
    return json.dumps({"topic": {"key": f"ticket/{number % ISSUES}", "kind": "ticket"},
                       "kind": KIND, "changes": [{"field": "state", "old": "new",
                                                  "new": f"{number}"}]})


def _apply(path, rate, seconds, answers):
    """The application, a process of its own: a transaction for each row, as evenly as it can, and
    how long each took."""
    store = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    store.execute("PRAGMA synchronous = NORMAL")
    waits = []
    begin = time.monotonic()
    for number in range(int(rate * seconds)):
        ahead = number / rate - (time.monotonic() - begin)
        if ahead > TICK_S:
            time.sleep(ahead)
        row = _row(number)
        before = time.monotonic()
        store.execute("INSERT INTO inbox (payload) VALUES (?)", (row,))
        waits.append(time.monotonic() - before)
    store.close()
    answers.send((waits, time.monotonic() - begin))


@contextlib.contextmanager
def _application(options, path):
    """Yields what gives its answer when it has ended."""
    answers, end = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=_apply, daemon=True,
                                      args=(path, options.rate, options.seconds, end))
    process.start()
    try:
        yield process, answers
    finally:
        process.terminate()
        process.join()


def _waits(waits, seconds):
    waits = sorted(waits)
    return {"rows": len(waits), "rate": round(len(waits) / seconds),
            "median": round(waits[len(waits) // 2] * 1000, 3),
            "p999": round(waits[int(len(waits) * 0.999)] * 1000, 2),
            "worst": round(waits[-1] * 1000, 2)}


def _prepare(path, journal):
    with contextlib.closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as store:
        store.execute(f"PRAGMA journal_mode = {journal}")
        return store.execute("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'inbox%'"
                             " AND type = 'table'").fetchone()[0]


def _alone(options, installation, journal):
    """The floor: the same inserts into such a file that nobody reads."""
    path = installation.folder / f"alone-{journal}.db"
    with contextlib.closing(sqlite3.connect(path)) as store, store:
        store.execute("CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT,"
                      " payload TEXT NOT NULL, at INTEGER)")
    _prepare(path, journal)
    with _application(options, path) as (_, answers):
        waits, seconds = answers.recv()
    return {"what": f"floor: inserts alone, {journal}", **_waits(waits, seconds)}


class Mail:
    """Keeps half an event's mails waiting for as long as it is asked to."""

    def __init__(self, options, installation):
        self.options = options
        self.installation = installation
        self.events = 0

    def delivered(self):
        return self.installation.value("SELECT coalesce(sum(n), 0) FROM counter WHERE scope ="
                                       " 'all' AND state = 'delivered'")

    def keep_flowing(self):
        done = self.delivered()
        if self.events * self.options.people - done < self.options.people / 2:
            self.events += 1
            self.installation.insert(town.event(self.events, self.options.size, urgent=True))
        return done


def _taken(installation):
    """What is in the store of the application's rows: one row of one table, however many."""
    return installation.value("SELECT coalesce(max(cursor), 0) FROM inbox_cursor"
                              " WHERE path LIKE ?", f"%{APPLICATION}")


def _beside_mail(options, installation, daemon, mail, journal):
    path = installation.folder / APPLICATION
    processes.until(lambda: _prepare(path, journal) == TABLES, "the daemon made its tables")
    processes.until(lambda: mail.keep_flowing() > 0, "mail flows", patience_s=120)
    before, taken_before = mail.delivered(), _taken(installation)
    meter = Meter({"sender": daemon.pid})
    with _application(options, path) as (process, answers):
        while not answers.poll(0.2):
            assert process.is_alive(), "the application failed"
            mail.keep_flowing()
        waits, seconds = answers.recv()
    mails = mail.delivered() - before
    last = taken_before + len(waits)
    processes.until(lambda: _taken(installation) >= last, "all rows are in", patience_s=120,
                    every_s=0.02)
    whole = meter.elapsed()
    measured = meter.read(mails, seconds)
    return {"what": f"beside mail, {journal}", **_waits(waits, seconds),
            "taken": round(len(waits) / whole), "behind": round(whole - seconds, 2),
            "mails": round(measured.rate), "cpu": round(measured.cpu["sender"], 1),
            "others": round(measured.others, 2)}


def _judge(table, options, rows):
    for row in rows:
        if "taken" not in row:
            continue
        least = round(options.rate * TAKEN_SHARE)
        table.judge(f"taken in a second, {row['what']}", row["taken"], least,
                    row["taken"] >= least)
        table.judge(f"ms an insert waits at p99.9, {row['what']}", row["p999"], P999_MS_MOST,
                    row["p999"] <= P999_MS_MOST)


def run(options, table):
    options.window = "30m"
    rows = []

    def tell(row):
        rows.append(row)
        table.tell(row)

    installation = Installation.new(options.program, options.folder / "town",
                                    town.settings(options))
    town.populate(installation, options.people, options.domains)
    with contextlib.ExitStack() as stack:
        resolver = stack.enter_context(
            town.serving_names(options.folder / "names", options.domains))
        sink = stack.enter_context(
            exchanger.taking(options.program, addresses=town.addresses(options.domains)))
        installation.configure({"inboxes": ["inbox.db", APPLICATION],
                                **town.settings(options, resolver, sink.port)})
        with contextlib.closing(sqlite3.connect(installation.folder / APPLICATION)) as store:
            store.execute("CREATE TABLE ticket (id INTEGER PRIMARY KEY, state TEXT)")
        daemon = stack.enter_context(installation.serving())
        mail = Mail(options, installation)
        for journal in options.journal.split(","):
            tell(_alone(options, installation, journal))
            tell(_beside_mail(options, installation, daemon, mail, journal))
    _judge(table, options, rows)
