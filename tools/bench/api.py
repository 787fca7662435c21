"""script/bench api: requests a second over HTTP and their CPU, beside a bare libmicrohttpd."""

import contextlib
import json
import os
import selectors
import socket
import subprocess
import time
from dataclasses import dataclass

import processes
from installation import Installation
from measure import Meter

COLUMNS = [("what", "what", "", -34), ("requests", "requests", "d", 9),
           ("rate", "a second", ".0f", 9), ("cpu", "CPU us each", ".1f", 11),
           ("of_floor", "of the floor", ".0%", 12), ("others", "others' cores", ".2f", 13)]


def add_arguments(parser):
    parser.add_argument("--connections", type=int, default=32, help="kept open")
    parser.add_argument("--batch", type=int, default=16, help="requests sent at once over one")
    parser.add_argument("--seconds", type=float, default=30, help="of each measurement")


@dataclass
class Talker:
    """One connection that keeps a batch of requests under way."""

    peer: socket.socket
    waiting: int = 0
    rest: bytes = b""


def request(method, path, token, body=None):
    text = json.dumps(body) if body is not None else ""
    lines = [f"{method} {path} HTTP/1.1", "Host: bench"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += ["Content-Type: application/json", f"Content-Length: {len(text)}"] if text else []
    return ("\r\n".join(lines) + "\r\n\r\n" + text).encode()


def load(options, port, make):
    """Number of answers, all of 2xx, in the time given. `make` gives the n-th request."""
    number = 0
    answered = 0
    end = time.monotonic() + options.seconds
    with contextlib.ExitStack() as stack, selectors.DefaultSelector() as ready:
        for _ in range(options.connections):
            peer = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            ready.register(peer, selectors.EVENT_READ, Talker(peer))
        talkers = [key.data for key in ready.get_map().values()]
        while talkers:
            for talker in talkers:
                if talker.waiting == 0 and time.monotonic() < end:
                    talker.peer.sendall(b"".join(make(number + i) for i in range(options.batch)))
                    talker.waiting = options.batch
                    number += options.batch
            if not any(talker.waiting for talker in ready_talkers(ready)):
                return answered
            talkers = []
            for key, _ in ready.select(processes.PATIENCE_S):
                answered += take(key.data)
                talkers.append(key.data)
    raise AssertionError("an answer never came")


def ready_talkers(ready):
    return (key.data for key in ready.get_map().values())


def take(talker):
    """Answers in what came; a status line cut in two is found with the next bytes."""
    talker.rest += talker.peer.recv(1 << 18)
    good = talker.rest.count(b"HTTP/1.1 2")
    assert talker.rest.count(b"HTTP/1.1 ") == good or talker.rest.endswith(b"HTTP/1.1 "), (
        talker.rest[:300])
    talker.rest = talker.rest[talker.rest.rfind(b"HTTP/1.1 2") + 10:][-9:] if good else (
        talker.rest[-9:])
    talker.waiting -= good
    return good


def measure(options, what, port, pid, make):
    meter = Meter({"server": pid})
    count = load(options, port, make)
    done = meter.read(count)
    return {"what": what, "requests": count, "rate": done.rate,
            "cpu": done.cpu["server"] / count * 1e6, "others": done.others}


@contextlib.contextmanager
def floor():
    program = os.environ["POSTROOM_HTTP_FLOOR"]
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as server:
        try:
            yield int(server.stdout.readline()), server.pid
        finally:
            server.stdin.close()
            server.wait(processes.PATIENCE_S)


def cases(token):
    yield "GET /healthz", lambda n: request("GET", "/healthz", None)
    yield "GET a topic", lambda n: request("GET", "/api/v1/topics/issue%2F12", token)
    yield "POST an event", lambda n: request("POST", "/api/v1/events", token, {
        "topic": "issue/12", "kind": "commented", "text": f"The {n}th."})


def run(options, table):
    with floor() as (port, pid):
        bare = measure(options, "floor: bare libmicrohttpd", port, pid,
                       lambda n: request("GET", "/", None))
    table.tell(bare)
    port = processes.free_port()
    made = Installation.new(options.program, options.folder / "mail", {
        "domain": "example.org", "deliver": "only nobody.example.org",
        "http": {"listen": f"127.0.0.1:{port}"}})
    with made.serving() as daemon:
        token = made.need("token", "add", "bench", "--scopes", "events:write,topics:write")["token"]
        made.need("topic", "add", "issue/12", "--parent", "project/x", "--title", "It crashes")
        for what, make in cases(token):
            row = measure(options, what, port, daemon.pid, make)
            row["of_floor"] = row["rate"] / bare["rate"]
            table.tell(row)
