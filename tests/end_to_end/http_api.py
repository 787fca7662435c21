#!/usr/bin/python3
"""The API: who may what, what it does, what it says when it does not, and that it describes itself
truly."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import re
import tempfile
from pathlib import Path
from urllib.parse import quote

import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
ROOT = "/api/v1"
ROLES = ["reader", "author", "approver", "operator", "administrator"]


class Office:
    """A daemon with the API, and an administrator's token."""

    def __init__(self, folder):
        self.port = processes.free_port()
        self.mail = Installation.new(PROGRAM, folder, {
            "domain": "example.org", "http": {"listen": f"127.0.0.1:{self.port}"},
            "deliver": "only nobody.example.org"})
        self.root = None

    def token(self, name, *words):
        return self.mail.need("token", "add", name, *words)["token"]

    def role_token(self, role):
        self.mail.need("operator", "add", role, role)
        return self.token(role, "--operator", role)

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=processes.PATIENCE_S)

    def ask(self, method, path, body=None, token=None, connection=None, **fields):
        """Status, fields and JSON of an answer."""
        fields = {name.replace("_", "-"): value for name, value in fields.items()}
        if token or self.root:
            fields["Authorization"] = f"Bearer {token or self.root}"
        if body is not None:
            fields.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, (str, bytes)) else json.dumps(body)
        with contextlib.nullcontext(connection) if connection else contextlib.closing(
                self.connect()) as peer:
            peer.request(method, path if path.startswith(ROOT) else ROOT + path, body, fields)
            answer = peer.getresponse()
            text = answer.read()
            return answer.status, dict(answer.getheaders()), json.loads(text) if text else None

    def need(self, status, method, path, body=None, **fields):
        got, _, answer = self.ask(method, path, body, **fields)
        assert got == status, f"{method} {path}: {got}: {answer}"
        return answer


@contextlib.contextmanager
def office():
    with tempfile.TemporaryDirectory(prefix="postroom-api-") as name:
        made = Office(Path(name) / "mail")
        with made.mail.serving():
            made.root = made.role_token("administrator")
            yield made


@tap.case
def an_application_is_served():
    with office() as o:
        o.need(201, "POST", "/people", {"key": "brian", "address": "brian@example.net"})
        o.need(200, "PATCH", "/people/brian", {"name": "Brian"})
        assert o.need(200, "GET", "/people/brian")["name"] == "Brian"
        o.need(201, "POST", "/topics", {"key": "issue/12", "parents": ["project/x"]})
        assert o.need(200, "GET", "/topics/issue%2F12")["topic"] == "issue/12"
        o.need(200, "PUT", "/kinds/commented", {"urgent": False})
        o.need(200, "POST", "/watches", {"person": "brian", "topic": "project/x"})
        event = o.need(201, "POST", "/events", {"topic": "issue/12", "kind": "commented"})["event"]
        assert o.need(200, "GET", f"/events/{event}")["topic"] == "issue/12"
        processes.until(lambda: o.need(200, "GET", f"/events/{event}")["fan_out"] == "done",
                        "the event is fanned out")
        why = o.need(200, "GET", f"/why?person=brian&event={event}")
        assert why["person"] == "brian" and why["outcome"], why
        assert o.need(200, "GET", "/watchers?topic=project/x")["watchers"]
        o.need(200, "DELETE", "/watches?person=brian&topic=project/x")
        o.need(201, "POST", "/suppressions", {"target": "lost@example.net"})
        assert o.need(200, "GET", "/suppressions")["suppressions"]
        o.need(200, "DELETE", "/suppressions?target=" + quote("lost@example.net"))
        for path in ("/queue", "/deliveries", "/sites", "/domains", "/alarms", "/inboxes"):
            o.need(200, "GET", path)


@tap.case
def templates_are_shown_set_and_taken_back():
    with office() as o:
        made = o.need(200, "PUT", "/templates/commented", {"source": "News of {{topic.name}}\n"})
        assert made["file"] == "commented.text.txt" and made["revisions"], made
        shown = o.need(200, "GET", "/templates/commented/preview")
        assert shown["content"] == "News of Issue 12: Crash when saving a large file\n", shown
        problem = o.need(400, "PUT", "/templates/commented", {"source": "a\n{{colour}}\n"})
        assert "commented.text.txt:2:1: there is no field `colour`" in problem["detail"], problem
        assert problem["field"] == "source", problem
        parts = o.need(200, "GET", "/templates/commented?language=en")["parts"]
        assert parts[0]["source"] == "News of {{topic.name}}\n", parts
        assert o.need(200, "GET", "/templates?for=commented")["templates"][-1]["text"] == "store"
        o.need(200, "DELETE", "/templates/commented")
        o.need(404, "GET", "/templates/commented")


@tap.case
def strangers_and_the_unentitled_are_told_why():
    with office() as o:
        narrow = o.token("shop", "--scopes", "events:write,people:read")
        with contextlib.closing(o.connect()) as peer:
            peer.request("GET", f"{ROOT}/people")
            answer = peer.getresponse()
            assert answer.status == 401 and "Bearer" in answer.getheader("WWW-Authenticate")
        assert o.ask("GET", "/people", token="pr_aaaaaaaa_" + "a" * 32)[0] == 401
        assert o.ask("GET", "/people", token=narrow[:-1] + ("b" if narrow[-1] == "a" else "a"))[0] == 401
        assert o.ask("GET", "/people", token=narrow)[0] == 200
        status, fields, problem = o.ask("POST", "/people", {"key": "x"}, token=narrow)
        assert status == 403 and "people:write" in problem["detail"]
        assert 'scope="people:write"' in fields["WWW-Authenticate"], fields
        o.mail.need("token", "revoke", "shop")
        assert o.ask("GET", "/people", token=narrow)[0] == 401
        brief = o.token("brief", "--scopes", "people:read", "--expires", "1s")
        processes.until(lambda: o.ask("GET", "/people", token=brief)[0] == 401, "it expires")


@tap.case
def the_token_of_an_operator_follows_the_role():
    with office() as o:
        token = o.role_token("author")
        assert o.ask("POST", "/people", {"key": "a"}, token=token)[0] == 201
        o.mail.need("operator", "role", "author", "reader")
        assert o.ask("POST", "/people", {"key": "b"}, token=token)[0] == 403
        assert o.ask("GET", "/people", token=token)[0] == 200
        processes.until(lambda: [t for t in o.mail.need("token", "list")["tokens"]
                                 if t["name"] == "author" and "used" in t], "its use is noted")


@tap.case
def problems_name_the_field_and_the_kind():
    cases = [
        (400, "POST", "/people", {"kye": "x"}, "invalid", None),
        (400, "POST", "/topics", {"title": "x"}, "invalid", "key"),
        (400, "POST", "/events", {"topic": "issue/1"}, "invalid", "kind"),
        (400, "POST", "/events", "{", "invalid", None),
        (400, "POST", "/events", "[1]", "invalid", None),
        (400, "POST", "/events", '{"topic": "a/1", "topic": "a/2"}', "invalid", None),
        (400, "GET", "/people?limit=x", None, "invalid", "limit"),
        (400, "GET", "/people?limit=0", None, "invalid", "limit"),
        (400, "GET", "/people?limit=1&limit=2", None, "invalid", "limit"),
        (400, "GET", "/people?lmit=1", None, "invalid", "lmit"),
        (400, "GET", "/people?limit=%ff", None, "invalid", None),
        (400, "GET", "/deliveries/twelve", None, "invalid", "delivery"),
        (400, "PATCH", "/people/brian", {"person": "other"}, "invalid", "person"),
        (400, "GET", "/why?person=brian", None, "invalid", "event"),
        (404, "GET", "/people/nobody", None, "not_found", None),
        (404, "GET", "/events/99", None, "not_found", None),
        (404, "DELETE", "/alarms/99", None, "not_found", None),
        (409, "POST", "/topics", {"key": "issue/12"}, "conflict", None),
        (413, "POST", "/events", {"topic": "issue/12", "kind": "x", "text": "x" * 4000000},
         None, None),
    ]
    with office() as o:
        o.need(201, "POST", "/topics", {"key": "issue/12"})
        o.need(201, "POST", "/people", {"key": "brian"})
        for status, method, path, body, kind, field in cases:
            got, fields, problem = o.ask(method, path, body)
            assert got == status, f"{method} {path}: {got} {problem}"
            assert fields["Content-Type"] == "application/problem+json"
            assert problem["status"] == status and problem["detail"], problem
            assert kind is None or problem["kind"] == kind, problem
            assert field is None or problem["field"] == field, problem
        assert o.ask("POST", "/people", "key=x", Content_Type="text/plain")[0] == 415
        assert o.ask("PATCH", "/people")[0] == 405


@tap.case
def a_repeated_post_is_done_once():
    body = {"topic": "issue/12", "kind": "commented", "text": "once"}
    with office() as o:
        def post(_):
            return o.ask("POST", "/events", body, Idempotency_Key="one")

        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(post, range(100)))
        assert {status for status, _, _ in answers} == {201}
        assert len({answer["event"] for _, _, answer in answers}) == 1
        assert o.mail.value("SELECT count(*) FROM event") == 1
        status, _, problem = o.ask("POST", "/events", {**body, "text": "twice"},
                                   Idempotency_Key="one")
        assert status == 409 and "Idempotency-Key" in problem["detail"], problem
        assert o.ask("POST", "/people", {"key": "x"}, Idempotency_Key="one")[0] == 409
        other = o.token("other", "--scopes", "events:write")
        got, _, answer = o.ask("POST", "/events", body, token=other, Idempotency_Key="one")
        assert got == 201 and answer["event"] != answers[0][2]["event"], "a key is its token's own"
        assert o.ask("POST", "/events", body, Idempotency_Key="x" * 300)[0] == 400


@tap.case
def what_failed_may_be_tried_again_by_the_same_key():
    with office() as o:
        assert o.ask("POST", "/grants", {"person": "ann", "label": "x"},
                     Idempotency_Key="g")[0] == 404
        o.need(201, "POST", "/people", {"key": "ann"})
        assert o.ask("POST", "/grants", {"person": "ann", "label": "x"},
                     Idempotency_Key="g")[0] == 201


@tap.case
def pages_follow_each_other_by_their_links():
    with office() as o:
        for i in range(7):
            o.need(201, "POST", "/topics", {"key": f"issue/{i}"})
        for i in range(5):
            o.need(201, "POST", "/suppressions", {"target": f"x{i}+y@example.net"})
        for path, name, count in (("/topics?limit=3", "topics", 7),
                                  ("/suppressions?limit=2", "suppressions", 5),
                                  ("/audit?limit=5", "audit", None)):
            seen = []
            pages = 0
            while path:
                status, fields, answer = o.ask("GET", path)
                assert status == 200, answer
                seen += answer[name]
                pages += 1
                link = re.fullmatch(r'<(.*)>; rel="next"', fields.get("Link", ""))
                path = link and link[1]
            texts = [json.dumps(row, sort_keys=True) for row in seen]
            assert len(set(texts)) == len(texts) and pages > 1, name
            assert count is None or len(seen) == count, name


@tap.case
def changes_are_on_record_with_the_token():
    with office() as o:
        shop = o.token("shop", "--scopes", "people:write")
        o.need(201, "POST", "/people", {"key": "brian"}, token=shop)
        row = o.need(200, "GET", "/audit?subject=" + quote("key brian"))["audit"]
        row = row or o.need(200, "GET", "/audit?limit=1")["audit"]
        assert row[0]["by"] == "token shop" and row[0]["request"] == "person.add", row
        made = o.need(201, "POST", "/tokens", {"name": "new", "scopes": ["people:read"]})
        assert made["token"] not in json.dumps(o.need(200, "GET", "/audit"))
        assert o.ask("GET", "/people", token=made["token"])[0] == 200


@tap.case
def a_token_hands_in_for_the_domains_that_are_ours_alone():
    def message(*senders):
        return {"message": f"From: {', '.join(senders)}\r\nSubject: x\r\n\r\nhello\r\n",
                "from": senders[0], "to": ["ann@example.com"]}

    with office() as o:
        shop = o.token("shop", "--scopes", "submit")
        ours, other = "me@example.org", "me@example.net"
        o.need(201, "POST", "/submissions", message(ours), token=shop)
        for refused, why in ((message(other), "submission.domains"),
                             ({**message(other), "from": ours}, "submission.domains"),
                             (message(ours, other), "two domains"),
                             ({**message(ours), "via": "sendmail"}, "via")):
            answer = o.need(400, "POST", "/submissions", refused, token=shop)
            assert why in json.dumps(answer), answer
        assert len(o.need(200, "GET", "/submissions")["submissions"]) == 1


@tap.case
def many_watches_merging_and_a_trial_of_a_webhook_go_over_http():
    with office() as o:
        tracker = o.token("tracker", "--scopes", "people:write,watches:write,topics:write")
        for key in ("ann", "ben", "bea"):
            o.need(201, "POST", "/people", {"key": key, "address": f"{key}@example.net"})
        o.need(201, "POST", "/topics", {"key": "issue/1"})
        o.need(201, "POST", "/topics", {"key": "issue/2"})
        o.need(200, "POST", "/watches/set", {"people": ["ann", "ben"],
                                             "topics": ["issue/1", "issue/2"]}, token=tracker)
        o.need(200, "POST", "/watches/copy", {"from": "ann", "people": ["bea"]}, token=tracker)

        def watched(person):
            return {w["topic"] for w in o.need(200, "GET", "/watches?person=" + person)["watches"]}

        assert watched("ben") == watched("bea") == {"issue/1", "issue/2"}
        o.need(200, "POST", "/watches/end", {"person": "ben"}, token=tracker)
        assert watched("ben") == set()
        assert o.need(200, "GET", "/watches/history?person=ben")["history"]
        o.need(403, "POST", "/people/bea/merge", {"into": "ben", "yes": True}, token=tracker)
        o.need(200, "POST", "/people/bea/merge", {"into": "ben", "yes": True})
        assert watched("ben") == {"issue/1", "issue/2"}
        o.need(201, "POST", "/webhooks", {"name": "crm", "url": "http://127.0.0.1:9/crm"})
        tried = o.need(200, "POST", "/webhooks/crm/test", {})
        assert "status" not in tried and tried["problem"], tried
        o.need(404, "POST", "/webhooks/none/test", {})
        o.need(403, "POST", "/webhooks/crm/test", {}, token=tracker)
        secret = o.need(200, "POST", "/webhooks/crm/rotate", {"keep": "1h"})["secret"]
        assert secret.startswith("whsec_")
        answer = o.need(400, "POST", "/webhooks/crm/rotate", {}, Idempotency_Key="k")
        assert "Idempotency-Key" in answer["detail"], answer


def description(o):
    return o.need(200, "GET", "/openapi.json")


def check_operation(document, path, operation):
    """The rules of OpenAPI 3.1 that a table could break."""
    parameters = operation["parameters"]
    assert set(re.findall(r"\{(\w+)\}", path)) == {
        p["name"] for p in parameters if p["in"] == "path"}, path
    assert len({(p["in"], p["name"]) for p in parameters}) == len(parameters), path
    for parameter in parameters:
        assert parameter["in"] in ("path", "query", "header")
        assert parameter["required"] is True or parameter["in"] != "path"
        assert parameter["schema"]["type"] == ["integer", "string"] or parameter["schema"][
            "type"] in ("string", "integer", "boolean", "array")
    assert operation["summary"] and operation["responses"]["default"]
    assert [code for code in operation["responses"] if re.fullmatch("2[0-9]{2}", code)], path
    problem = operation["responses"]["default"]["content"]["application/problem+json"]["schema"]
    place = document
    for part in problem["$ref"].split("/")[1:]:
        place = place[part]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        assert set(content["schema"]["required"]) <= set(content["schema"]["properties"]), path


@tap.case
def the_description_is_valid():
    with office() as o:
        document = description(o)
        assert document["openapi"] == "3.1.0"
        assert set(document) <= {"openapi", "info", "servers", "security", "paths", "components"}
        assert document["info"]["title"] and document["info"]["version"]
        for path, operations in document["paths"].items():
            assert path.startswith(ROOT + "/")
            for method, operation in operations.items():
                assert method in ("get", "post", "put", "patch", "delete"), method
                check_operation(document, path, operation)
        printed = o.mail.need("manual", "openapi")
        assert printed == document


@tap.case
def the_description_names_all_fields_and_no_others():
    """What a request says it knows is what the description says, neither more nor less."""
    aliases = {"before": "after", "id": "event"}
    wrong = {}
    with office() as o:
        for path, operations in description(o)["paths"].items():
            for method, operation in operations.items():
                body = operation.get("requestBody", {}).get("content", {}).get(
                    "application/json", {}).get("schema", {}).get("properties")
                if body is None:
                    continue
                address = re.sub(r"\{\w+\}", "1", path)
                required = operation["requestBody"]["content"]["application/json"]["schema"][
                    "required"]
                filled = {name: "x" for name in required} | {"no_such_field": 1}
                status, _, problem = o.ask(method.upper(), address, filled)
                assert status == 400, f"{method} {path}: {status} {problem}"
                known = re.search(r"known: (.*)\)", problem["detail"])
                assert known, problem
                parts = len([p for p in operation["parameters"] if p["in"] == "path"])
                told = {aliases.get(name, name) for name in body}
                names = {aliases.get(name, name) for name in known[1].split()}
                names |= {"after", "limit"} if path.endswith("/preview") else set()
                if told - names or len(names - told) > parts + 1:
                    wrong[method, path] = names ^ told
    assert not wrong, f"src/web/api/routes.c and the requests differ: {wrong}"


@tap.case
def each_role_may_what_its_scopes_say_and_nothing_else():
    with office() as o:
        document = description(o)
        tokens = {role: o.role_token(role) for role in ROLES[:-1]} | {"administrator": o.root}
        scopes = {t["name"]: set(t["scopes"]) for t in o.mail.need("token", "list")["tokens"]}
        seen = {}
        for role in ROLES:
            may = scopes[role] | {s.replace(":write", ":read") for s in scopes[role]}
            with contextlib.closing(o.connect()) as peer:
                for path, operations in document["paths"].items():
                    for method, operation in operations.items():
                        wanted = operation["x-scope"]
                        status, _, problem = o.ask(
                            method.upper(), re.sub(r"\{\w+\}", "0", path) + "?no_such=1",
                            token=tokens[role], connection=peer)
                        expected = 400 if wanted in may else 403
                        assert status == expected, (role, method, path, wanted, status, problem)
                        seen[wanted, role] = status
        assert {role for role in ROLES if seen["admin:write", role] == 400} == {"administrator"}
        assert {role for role in ROLES if seen["people:read", role] == 400} == set(ROLES)
        assert {role for role in ROLES if seen["sites:write", role] == 400} == {
            "operator", "administrator"}
        with contextlib.closing(o.connect()) as peer:
            for path, operations in document["paths"].items():
                for method in operations:
                    peer.request(method.upper(), path.replace("{", "").replace("}", ""))
                    answer = peer.getresponse()
                    answer.read()
                    assert answer.status == 401, (method, path)


@tap.case
def two_thousand_requests_are_answered():
    with office() as o:
        def talk(number):
            with contextlib.closing(o.connect()) as peer:
                for i in range(100):
                    status, _, answer = o.ask("POST", "/topics", {"key": f"t{number}/{i}"},
                                              connection=peer)
                    assert status == 201, answer
                    status, _, answer = o.ask("GET", f"/topics/t{number}%2F{i}", connection=peer)
                    assert status == 200, answer
            return True

        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            assert all(pool.map(talk, range(10)))
        assert o.mail.value("SELECT count(*) FROM topic") == 1000


@tap.case
def requests_under_way_are_answered_when_the_daemon_ends():
    with office() as o:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            begun = [pool.submit(o.ask, "POST", "/topics", {"key": f"end/{i}"}) for i in range(8)]
            concurrent.futures.wait(begun, return_when=concurrent.futures.FIRST_COMPLETED)
            o.mail.end()
            for one in begun:
                with contextlib.suppress(OSError, http.client.HTTPException):
                    assert one.result()[0] == 201
        stored = o.mail.value("SELECT count(*) FROM topic")
        told = sum(1 for one in begun if not one.exception())
        assert told <= stored, (told, stored)


tap.run()
