#!/usr/bin/python3
"""libpostroom as other languages use it: built from its own files alone, loaded by Python and PHP,
linked by C, with a daemon that comes, goes and comes back."""

import contextlib
import ctypes
import os
import subprocess
import tempfile
from pathlib import Path

import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
LIBRARY = Path(os.environ["POSTROOM_SOURCE"], "src/lib")
TAKEN, KEPT, REFUSED = 0, 1, -1
EVENT = b'{"topic": "issue/12", "kind": "commented", "text": "It does not close."}'


@contextlib.contextmanager
def installed():
    with tempfile.TemporaryDirectory(prefix="postroom-lib-") as name:
        yield Installation.new(PROGRAM, Path(name) / "mail", {"domain": "example.org"})


def build(folder):
    """The shared library, made of nothing but its folder, SQLite and the C library."""
    made = folder / "libpostroom.so"
    subprocess.run(["cc", "-std=c17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-shared",
                    "-fPIC", "-fvisibility=hidden", "-I", LIBRARY.parent, "-o", made,
                    *(LIBRARY / file for file in ("postroom.c", "spool.c", "daemon_ask.c")),
                    "-lsqlite3"], check=True)
    return made


class Told:
    """The library in Python, by its header alone."""

    def __init__(self, installation):
        self.library = ctypes.CDLL(build(installation.folder))
        self.library.postroom_open.restype = ctypes.c_void_p
        self.library.postroom_open.argtypes = [ctypes.c_char_p] * 2
        self.library.postroom_close.argtypes = [ctypes.c_void_p]
        self.library.postroom_event.argtypes = [
            ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_longlong), ctypes.c_char_p]
        self.handle = self.library.postroom_open(
            os.fsencode(installation.folder / "inbox.db"),
            os.fsencode(installation.folder / "postroom.db.sock"))

    def event(self, json):
        number = ctypes.c_longlong(-1)
        why = ctypes.create_string_buffer(512)
        result = self.library.postroom_event(self.handle, json, ctypes.byref(number), why)
        return result, number.value, why.value.decode()


def events(installation):
    """The texts of all events, in their order."""
    code, answer = installation.ask("event", "show", "1")
    found = []
    number = 1
    while code == 0:
        found.append(answer.get("text"))
        number += 1
        code, answer = installation.ask("event", "show", str(number))
    return found


@tap.case
def an_event_is_taken_refused_or_kept():
    with installed() as installation:
        told = Told(installation)
        with installation.serving():
            assert told.event(EVENT) == (TAKEN, 1, ""), "the daemon is there"
            result, _, why = told.event(b'{"topic": "issue/12", "kind": "commented", "tetx": "x"}')
            assert result == REFUSED and "tetx" in why, why
        assert told.event(EVENT.replace(b"does", b"did")) == (KEPT, 0, ""), "it is away"
        assert told.event(EVENT.replace(b"does", b"will")) == (KEPT, 0, "")
        with installation.serving():
            processes.until(lambda: len(events(installation)) == 3, "what was kept is taken in")
            assert events(installation) == ["It does not close.", "It did not close.",
                                            "It will not close."], events(installation)
            processes.until(lambda: told.event(EVENT)[0] == TAKEN, "the inbox is cleared")


@tap.case
def php_tells_by_the_same_header():
    with installed() as installation, installation.serving():
        declarations = subprocess.run(["cc", "-E", "-P", LIBRARY / "postroom.h"], check=True,
                                      capture_output=True, text=True).stdout
        declarations = "\n".join(line for line in declarations.splitlines()
                                 if not line.startswith("#pragma"))
        (installation.folder / "tell.php").write_text(f"""<?php
$p = FFI::cdef(<<<'C'
{declarations}
C, "{build(installation.folder)}");
$handle = $p->postroom_open("{installation.folder}/inbox.db",
                            "{installation.folder}/postroom.db.sock");
$why = FFI::new("char[512]");
$event = FFI::new("long long");
$text = function ($words) {{
    $bytes = FFI::new("char[" . (strlen($words) + 1) . "]", false);
    FFI::memcpy($bytes, $words, strlen($words));
    return FFI::cast("char *", $bytes);
}};
$fields = $p->new("struct postroom_fields");
$fields->topic = $text("issue/12");
$fields->kind = $text("commented");
$fields->text = $text("It's done");
$result = $p->postroom_tell($handle, FFI::addr($fields), FFI::addr($event), $why);
echo $result, " ", $event->cdata, " ", FFI::string($why), "\\n";
""", encoding="utf-8")
        done = subprocess.run(["php", "-d", "ffi.enable=true", installation.folder / "tell.php"],
                              capture_output=True, text=True, check=False)
        assert done.stdout == "0 1 \n", (done.stdout, done.stderr)
        assert events(installation) == ["It's done"]


@tap.case
def a_c_program_links_it():
    with installed() as installation, installation.serving():
        build(installation.folder)
        (installation.folder / "tell.c").write_text("""
#include <stdio.h>
#include <postroom.h>
int main(int argc, char **argv)
{
    struct postroom *p = postroom_open(argv[1], argc > 2 ? argv[2] : NULL);
    char why[POSTROOM_WHY];
    struct postroom_fields fields = { .topic = "issue/12", .kind = "closed" };
    int result = postroom_tell(p, &fields, NULL, why);
    printf("%d %s\\n", result, why);
    postroom_close(p);
    return 0;
}
""", encoding="utf-8")
        subprocess.run(["cc", "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-I", LIBRARY,
                        "tell.c", "-o", "tell", "-L.", "-lpostroom", "-Wl,-rpath,."],
                       cwd=installation.folder, check=True)
        done = subprocess.run(["./tell", "inbox.db", "postroom.db.sock"], cwd=installation.folder,
                              capture_output=True, text=True, check=True)
        assert done.stdout == "0 \n", done.stdout


@tap.case
def only_its_own_names_are_seen():
    with tempfile.TemporaryDirectory(prefix="postroom-lib-") as name:
        symbols = subprocess.run(["nm", "-D", "--defined-only", build(Path(name))], check=True,
                                 capture_output=True, text=True).stdout.split()[2::3]
        assert sorted(symbols) == ["postroom_close", "postroom_event", "postroom_open",
                                   "postroom_set_timeout", "postroom_tell"], symbols


tap.run()
