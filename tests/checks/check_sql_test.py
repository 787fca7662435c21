#!/usr/bin/python3
"""tools/check-sql: both databases have the same tables and take every statement."""

import shutil

import tap
from small_tree import fails, passes

if not shutil.which("postgres"):
    print("1..0 # SKIP PostgreSQL is not here (script/bootstrap --check)")
    raise SystemExit

DB = "#define SQL(text) (text)\n#define SQL_SQLITE(text) (text)\n"
GOOD = {
    "src/store/sql/sqlite/0001_first.sql": "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT);\n",
    "src/store/sql/postgres/0001_first.sql": "CREATE TABLE person (id BIGINT PRIMARY KEY, name TEXT);\n",
    "src/store/db.h": DB,
    "src/store/person.c": '#define WHO "FROM person "\n'
                          'f(SQL("SELECT id, name " WHO\n  "WHERE id = $1"));\n'
                          'f(SQL_SQLITE("SELECT json_array_length(name) " WHO));\n'
                          '/* as in SQL("...") */\n',
}

BAD = [
    ("a misspelt column", "src/store/x.c", 'f(SQL("SELECT nickname FROM person"));', "SQLite: no such column"),
    ("what SQLite alone takes", "src/store/x.c", 'f(\n SQL("INSERT OR IGNORE INTO person VALUES ($1, $2)"));',
     "src/store/x.c:2: PostgreSQL: syntax error"),
    ("a statement put together", "src/store/x.c", "f(SQL(text));", "string literals"),
    ("a statement without a mark", "src/store/x.c", 'f("SELECT 1 FROM person");', "no check sees it"),
    ("a column of one alone", "src/store/sql/postgres/0002_more.sql", "ALTER TABLE person ADD x BIGINT;",
     "person.x is in PostgreSQL, not in SQLite"),
    ("a broken migration", "src/store/sql/sqlite/0002_more.sql", "CREATE TABLE x y);", "syntax error"),
    ("a broken one of PostgreSQL", "src/store/sql/postgres/0002_more.sql", "\nCREATE TABLE x y);",
     "0002_more.sql:2: PostgreSQL: syntax error"),
]


@tap.case
def statements_for_both_pass():
    passes("check-sql", GOOD)


@tap.cases(BAD)
def is_found(path, text, expected):
    fails("check-sql", {**GOOD, path: text}, expected)


tap.run()
