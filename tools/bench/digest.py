"""script/bench digest: a daily digest for very many people over thousands of events, from its hour
to the last mail delivered, beside what rows and mails alone take."""

import contextlib
import sqlite3
import time

import exchanger
import floor
import processes
import town
from installation import Installation
from measure import Meter

COLUMNS = (
    ("what", "what", "s", -34),
    ("mails", "mails", ",d", 9),
    ("made", "s to made", ".1f", 9),
    ("seconds", "delivered", ".1f", 9),
    ("rate", "mails/s", ",d", 8),
    ("cpu", "CPU s/1000", ".4f", 10),
    ("of_floor", "of floor", ".1%", 8),
    ("octets", "octets", "d", 7),
    ("others", "others", ".2f", 6),
)
TEAMS = 50
TEAMS_WATCHED = 3
SECONDS_MOST = 60
DAY_MS = 86400000
STALLED_S = 60
FLOOR_CONNECTIONS = 50


def add_arguments(parser):
    parser.add_argument("--people", type=int, default=100000, help="who get a digest")
    parser.add_argument("--events", type=int, default=5000, help="of the day")
    parser.add_argument("--issues", type=int, default=1000, help="that they happened to")
    parser.add_argument("--domains", type=int, default=100, help="where the people live")
    parser.add_argument("--legs", default="floor,all,teams", help="what to measure")
    parser.add_argument("--seconds", type=float, default=30, help="of the floor")
    parser.add_argument("--connections", type=int, default=50, help="to a site, at most")
    parser.add_argument("--connections-most", type=int, default=1000, help="in all, at most")


def _watch_all(_number):
    return [{"topic": town.PROJECT["key"], "mode": "daily"}]


def _watch_teams(number):
    """Three teams of fifty: few people share all three."""
    teams = {(number * step + step) % TEAMS for step in (1, 7, 13)}
    while len(teams) < TEAMS_WATCHED:
        teams.add((max(teams) + 1 + number // TEAMS) % TEAMS)
    return [{"topic": f"team/{team}", "mode": "daily"} for team in sorted(teams)]


LEGS = {"all": ("all watch all of it", _watch_all),
        "teams": ("each watches 3 teams of 50", _watch_teams)}


def _day(options):
    """What happened: one inbox row an event, after those that say which teams there are."""
    for team in range(TEAMS):
        yield {"topic": {"key": f"team/{team}", "kind": "team", "title": f"Team {team}",
                         "parents": [town.PROJECT["key"]]},
               "kind": "founded", "silent": True}
    for number in range(options.events):
        issue = number % options.issues
        yield {
            "topic": {"key": f"issue/{issue}", "kind": "issue", "title": f"Case {issue}",
                      "parents": [f"team/{issue % TEAMS}"]},
            "kind": "commented",
            "text": f"The {number}th of the day. {town.SENTENCE}",
        }


def _live_a_day(installation, options):
    """The day's events come in, and then they are a day old, yesterday's digests have told what was
    before, and today's hour has come: the daemon is down meanwhile, and sees no difference to
    having slept."""
    with installation.serving():
        installation.insert(*_day(options))
        processes.until(
            lambda: installation.value("SELECT count(*) FROM event WHERE kind = 'commented' AND"
                                       " fan_state > 1") == options.events,
            "the day's events are in", patience_s=600, every_s=0.2)
    with contextlib.closing(sqlite3.connect(installation.folder / "postroom.db")) as store, store:
        store.execute("UPDATE event SET at = at - ?, taken_at = taken_at - ?", (DAY_MS, DAY_MS))
        first = store.execute("SELECT min(seq) FROM event WHERE kind = 'commented'").fetchone()[0]
        store.execute("UPDATE digest SET next_at = ?, made_seq = ?, through_seq = ?",
                      (int(time.time() * 1000) - 1, first - 1, first - 1))


def _delivered(installation):
    return installation.value("SELECT coalesce(sum(n), 0) FROM counter"
                              " WHERE scope = 'all' AND state = 'delivered'")


def _all_made(installation):
    return installation.value("SELECT min(next_at) FROM digest") > time.time() * 1000


def _run_until_delivered(installation, people, meter):
    """When all were made, and when all were delivered."""
    made = done = 0
    moved_at = meter.elapsed()
    while done < people:
        time.sleep(0.05)
        before, done = done, _delivered(installation)
        now = meter.elapsed()
        moved_at = now if done != before or not made else moved_at
        assert now - moved_at < STALLED_S, f"no mail moves after {done}"
        if not made and _all_made(installation):
            made = now
    return made, meter.elapsed()


def _leg(options, resolver, what, watches):
    installation = Installation.new(options.program, options.folder / what, town.settings(options))
    town.populate(installation, options.people, options.domains, watches)
    _live_a_day(installation, options)
    with exchanger.taking(options.program, addresses=town.addresses(options.domains)) as sink:
        installation.configure(town.settings(options, resolver, sink.port))
        with installation.serving() as daemon:
            meter = Meter({"sender": daemon.pid})
            made, seconds = _run_until_delivered(installation, options.people, meter)
            measured = meter.read(options.people, seconds)
        counts = sink.end()
    assert counts["messages"] == options.people, f"{options.people} were to come: {counts}"
    return made, measured, counts["octets"] / counts["messages"]


def _floors(options, octets):
    """The rows alone, and mails of that size alone."""
    rows = floor.bare_rows(options.folder / "bare.db", options.people)
    yield "floor: rows in bare SQLite", rows
    options.size = round(octets)
    yield "floor: mailblast, of that size", floor.blaster(
        options, town.addresses(options.domains), FLOOR_CONNECTIONS)


def _row(what, measured, base=None, **more):
    return {
        "what": what,
        "mails": measured.mails,
        "seconds": round(measured.seconds, 2),
        "rate": round(measured.rate),
        "cpu": round(measured.per_1000("sender"), 4),
        **({"of_floor": round(measured.rate / base.rate, 3)} if base else {}),
        "others": round(measured.others, 2),
        **more,
    }


def run(options, table):
    options.window = "2m"
    legs = options.legs.split(",")
    seconds = {}
    with town.serving_names(options.folder / "names", options.domains) as resolver:
        for what, watches in (LEGS[leg] for leg in legs if leg in LEGS):
            made, measured, octets = _leg(options, resolver, what, watches)
            base = None
            for name, base in _floors(options, octets) if "floor" in legs else ():
                table.tell(_row(name, base))
            table.tell(_row(what, measured, base, made=round(made, 2), octets=round(octets)))
            seconds[what] = measured.seconds
    for what, took in seconds.items():
        table.judge(f"seconds, {what}", round(took, 1), SECONDS_MOST, took <= SECONDS_MOST)
