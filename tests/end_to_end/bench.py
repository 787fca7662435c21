#!/usr/bin/python3
"""The benchmarks still run and check what they say: small ones, whose figures mean nothing."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import tap

BENCH = Path(os.environ["POSTROOM_SOURCE"]) / "tools/bench"


def bench(*words):
    """Runs a suite of benchmarks; gives its rows by what they are about, and the bars."""
    with tempfile.TemporaryDirectory(prefix="postroom-bench-") as folder:
        done = subprocess.run(
            ["/usr/bin/python3", BENCH, *words, "--json"], capture_output=True, text=True,
            check=False, env={**os.environ, "POSTROOM_BENCH_FOLDER": folder})
        assert done.returncode == 0, done.stderr
        assert not os.listdir(folder), "it leaves something behind"
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return ({line["what"]: line for line in lines if "what" in line},
            [line for line in lines if "bar" in line])


@tap.case
def sending_is_measured_beside_its_floor():
    rows, bars = bench("send", "--domains", "2", "--people", "300", "--seconds", "0.1",
                       "--connections", "3")
    assert list(rows) == ["smtp-source -d", "bare rsa2048 signature", "floor: mailblast",
                          "mailblast, 6 ways", "postroom, making", "postroom, sending",
                          "postroom, unsigned", "postroom, signed"], rows
    for what in ("postroom, unsigned", "postroom, signed"):
        row = rows[what]
        assert row["mails"] >= 300 and row["cpu"] > 0 and row["of_floor"] > 0, row
        assert row["connections"] <= 6 and 3500 < row["octets"] < 5500, row
    assert len(bars) == 4, bars


@tap.case
def fan_out_is_measured():
    rows, bars = bench("fanout", "--people", "300", "--domains", "2", "--traffic", "0")
    assert rows["an event, nothing else to do"]["notices"] == 300, rows
    assert rows["a second one inside the window"]["notices"] == 0, rows
    assert len(bars) == 1, bars


@tap.case
def the_api_is_measured():
    rows, _ = bench("api", "--connections", "4", "--batch", "3", "--seconds", "0.3")
    assert list(rows) == ["floor: bare libmicrohttpd", "GET /healthz", "GET a topic",
                          "POST an event"], rows
    assert all(row["requests"] > 0 and row["cpu"] > 0 for row in rows.values()), rows


tap.run()
