"""The stage of the demo: a folder, and processes that are all stopped when it ends: a nameserver,
mail exchangers, the daemon. Everything listens on loopback alone, on ports that were free."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import time
from pathlib import Path

import cast

PATIENCE_S = 40  # for anything that must happen; nothing here takes a tenth of it
POLL_S = 0.1
STOP_S = 10
PORTS = range(20000, 32000)  # below those that the system hands out by itself
NAMESERVER = "127.0.0.1"


class Failure(Exception):
    """Something did not work: what, and where to look."""


def until(condition, what, log=None):
    """Polls until the condition gives something, for other processes have no other sign."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(POLL_S)
    raise Failure(f"waited {PATIENCE_S} s in vain: {what}" + (f" (see {log})" if log else ""))


def is_free(address, port):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with contextlib.closing(socket.socket(socket.AF_INET, kind)) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def free_port(addresses):
    """A port that is free on all of these addresses."""
    for port in random.sample(PORTS, 200):
        if all(is_free(address, port) for address in addresses):
            return port
    raise Failure("found no free port on the loopback addresses " + ", ".join(addresses))


def answers(address, port):
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        return probe.connect_ex((address, port)) == 0


def birth(pid):
    """When a process began, in ticks, which with its number names it for ever; None: it has
    ended, though nobody may have waited for it yet."""
    try:
        facts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if facts[0] in "ZX" else int(facts[19])


class Stage:
    """`program` is the postroom to show, `folder` a new folder that the stage owns."""

    def __init__(self, program, folder):
        self.program = Path(program).resolve()
        self.folder = folder
        self.mail = folder / "postroom"  # what `postroom init` makes
        self.inboxes = folder / "exchangers"
        self.tracker = folder / "tracker"  # an application of its own
        self.logs = folder / "logs"
        self.smtp_port = free_port([exchanger.address for exchanger in cast.EXCHANGERS])
        self.dns_port = free_port([NAMESERVER])
        self.running = []

    # --- processes ---

    def start(self, name, words, ready):
        """Starts a process whose output goes to a log; `ready` tells when it serves."""
        log = self.logs / f"{name}.log"
        with open(log, "wb") as output:
            process = subprocess.Popen([str(word) for word in words], cwd=self.mail, stdout=output,
                                       stderr=output, stdin=subprocess.DEVNULL,
                                       start_new_session=True)
        self.running.append((name, process))

        def began():
            if process.poll() is not None:
                raise Failure(f"{name} ended at once with code {process.returncode}: see {log}")
            return ready(log)

        until(began, f"{name} serves", log)

    def stop(self):
        """Ends all of them, the daemon first; the second signal cannot be refused."""
        for name, process in reversed(self.running):
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                print(f"demo: {name} did not end by itself and was killed")
        self.running = []

    def leave_running(self):
        """Writes down who runs, so that stop_left_running finds them; forgets them here."""
        facts = [{"name": name, "pid": process.pid, "birth": birth(process.pid)}
                 for name, process in self.running]
        (self.folder / "running.json").write_text(json.dumps(facts, indent=1) + "\n")
        for _, process in self.running:
            process.returncode = 0  # ours no more: nobody waits for it
        self.running = []

    # --- postroom ---

    def ask(self, *words):
        """Runs a command of postroom; gives its exit code and what it said."""
        done = subprocess.run([self.program, *words], cwd=self.mail, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, timeout=PATIENCE_S)
        return done.returncode, done.stdout

    def need(self, *words):
        code, said = self.ask(*words)
        if code != 0:
            raise Failure(f"`postroom {' '.join(words)}` ended with code {code}: {said.strip()}\n"
                          f"The daemon's log is {self.logs / 'serve.log'}.")
        return said

    def facts(self, *words):
        return json.loads(self.need("--json", *words))

    # --- setting up ---

    def prepare(self):
        """Makes the installation, and gives the DNS records that it wants published."""
        for folder in (self.logs, self.inboxes, self.tracker):
            folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([self.program, "--json", "init", self.mail, "--domain", cast.HOME],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"postroom init: {done.stderr.strip()}")
        settings = self.mail / "postroom.yaml"
        settings.write_text(settings.read_text().replace(
            "  - inbox.db", f"  - inbox.db\n  - {self.tracker / 'tracker.db'}"))
        with open(settings, "a", encoding="utf-8") as file:
            file.write(SETTINGS.format(stage=self, nameserver=NAMESERVER, home=cast.HOME))
        return json.loads(done.stdout)["dns"]

    def start_nameserver(self, records):
        zones = self.folder / "zones"
        zones.mkdir()
        written = zone_texts(records)
        for name, text in written.items():
            (zones / name).write_text(text)
        (zones / "nsd.conf").write_text(
            NSD.format(nameserver=NAMESERVER, port=self.dns_port, folder=zones, logs=self.logs)
            + "".join(f'zone:\n  name: "{name}"\n  zonefile: "{name}"\n' for name in written))
        self.start("nsd", ["nsd", "-d", "-c", zones / "nsd.conf"],
                   lambda _: answers(NAMESERVER, self.dns_port))
        return zones

    def start_exchangers(self):
        for exchanger in cast.EXCHANGERS:
            if exchanger.options is None:
                continue
            folder = self.inboxes / exchanger.host
            folder.mkdir()
            self.start(exchanger.host,
                       [self.program, "sink", "--name", exchanger.host,
                        "--listen", f"{exchanger.address}:{self.smtp_port}",
                        "--folder", folder, *exchanger.options],
                       lambda log: "listening on" in log.read_text())

    def start_daemon(self):
        self.start("serve", [self.program, "serve"], lambda log: "serving" in log.read_text())

    @contextlib.contextmanager
    def daemon_standing_still(self):
        """The daemon does nothing for as long as the block runs, however slow the machine is."""
        daemon = dict(self.running)["serve"]
        daemon.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            daemon.send_signal(signal.SIGCONT)


def stop_left_running(folder):
    """Ends what `leave_running` left; gives how many still ran."""
    stopped = 0
    for fact in reversed(json.loads((folder / "running.json").read_text())):
        if fact["birth"] is None or birth(fact["pid"]) != fact["birth"]:
            continue  # ended already; the number may be somebody else's by now
        os.kill(fact["pid"], signal.SIGTERM)
        until(lambda fact=fact: birth(fact["pid"]) != fact["birth"], f"{fact['name']} ends")
        stopped += 1
    (folder / "running.json").unlink()
    return stopped


def zone_texts(records):
    """A zone for each domain of the cast, and the organisation's own with what it publishes."""
    head = "$ORIGIN {}.\n$TTL 300\n@ SOA ns.{}. hostmaster.{}. 1 3600 900 604800 300\n@ NS ns\n" \
           "ns A " + NAMESERVER + "\n"
    zones = {}
    for exchanger in cast.EXCHANGERS:
        domain = exchanger.domain
        zones.setdefault(domain, head.format(domain, domain, domain))
        zones[domain] += (f"@ MX {exchanger.preference} {exchanger.host}.\n"
                          f"{exchanger.host}. A {exchanger.address}\n")
    home = head.format(cast.HOME, cast.HOME, cast.HOME) + "mail A 127.0.0.1\n"
    for record in records:
        value = record["value"].replace("HOST", f"mail.{cast.HOME}")
        if record["type"] == "TXT":  # strings of at most 255 bytes
            value = " ".join(f'"{value[i:i + 250]}"' for i in range(0, len(value), 250))
        home += f"{record['name']}. {record['type']} {value}\n"
    return {cast.HOME: home, **zones}


NSD = """\
server:
  ip-address: {nameserver}@{port}
  username: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: ""
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  logfile: "{logs}/nsd.log"
  server-count: 1
remote-control:
  control-enable: no
"""

SETTINGS = """\

# What follows is for the demo alone. Windows are minutes and waits hours in real life: remove
# these lines and the defaults hold (postroom config explain).
hostname: mail.{home}
sender:
  name: Pinetree code
  address: code@{home}
watching:
  window: 3s
  busy_window: 3s
streams:
  notices:
    retry: [5s, 10s, 20s]
delivery:
  greylist_retry: [10s, 15s]
  retry_jitter: 0
smtp:
  port: {stage.smtp_port}
  allow_loopback: true
resolver:
  address: {nameserver}@{stage.dns_port}
"""
