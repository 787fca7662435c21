"""Processes that a test or a benchmark starts: each is stopped by its id, whatever happens, and
can be asked for the CPU time that it used."""

import contextlib
import os
import socket
import subprocess
import time

PATIENCE_S = 30
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def until(condition, what, patience_s=PATIENCE_S, every_s=0.05):
    """The first true value of `condition`: what another process does has no other sign."""
    end = time.monotonic() + patience_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"never happened: {what}"
        time.sleep(every_s)


def free_port(kind=socket.SOCK_STREAM):
    """A port of loopback that nobody listens on now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(address, port):
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


def stop(process, patience_s=PATIENCE_S):
    """Ends a process as an operator would, and gives its exit code."""
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


@contextlib.contextmanager
def running(words, **options):
    """A process for as long as the block runs."""
    process = subprocess.Popen([str(word) for word in words], **options)
    try:
        yield process
    finally:
        stop(process)


def cpu_seconds(pid):
    """User and system time of all threads of a process, those that have ended too."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


def busy_seconds():
    """Time that all cores of the machine together have worked since it started."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _idle, _wait, irq, softirq, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS_A_SECOND
