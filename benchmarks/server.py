"""A fast fake for benchmarks: prerendered pages of Harvest-v3-shaped applications, on loopback.

It is as fast as it can be and checks nothing; the strict fake is the connector package's own.
Run by itself: `python benchmarks/server.py --records 200000 --delay 0.05` prints its address.
"""

from __future__ import annotations

import argparse
import json
import socketserver
import sys
import time
from collections.abc import Sequence
from urllib.parse import parse_qs

PER_PAGE = 500
JOBS, STAGES, RECRUITERS, COORDINATORS = 2_000, 16_000, 50, 20  # that applications refer to
_AT = "2026-01-05T09:00:00.000Z"
_ANSWERS = [
    {"question": f"Question {n} of the form, as candidates see it?", "answer": f"An answer, {n}"}
    for n in range(14)
]
_CUSTOM = {
    "visa": {"name": "Visa", "type": "short_text", "value": "none needed"},
    "relocation": {"name": "Relocation", "type": "yes_no", "value": False},
    "notice_period": {"name": "Notice period", "type": "single_select", "value": "1 month"},
}
# A limit that is never reached: what is measured is the program, not the waiting.
_PLENTY = "X-RateLimit-Limit: 1000000\r\nX-RateLimit-Remaining: 999999\r\n"


def row(ident: int, *, changed: bool) -> bytes:
    """One application of about 2 KB. A changed one has a later activity and another stage."""
    day, minute = ident % 28 + 1, ident % 60
    moved = 1 if changed else 0
    return json.dumps(
        {
            "id": ident,
            "candidate_id": 7_000_000 + ident,
            "job_id": 400_000 + ident % JOBS,
            "job_post_id": 730_000 + ident % JOBS,
            "prospect": False,
            "prospective_job_ids": [],
            "status": ("in_process", "rejected", "rejected", "hired")[ident % 4],
            "stage_id": 99_000_000 + ident,
            "stage_name": "Technical Interview",
            "job_interview_stage_id": 650_000 + (ident + moved) % STAGES,
            "needs_decision": False,
            "recruiter_id": 9_000 + ident % RECRUITERS,
            "coordinator_id": 9_100 + ident % COORDINATORS,
            "source_id": ident % 30,
            "referrer_id": None,
            "agency_note_id": None,
            "rejected_at": None,
            "last_activity_at": f"2026-02-{day:02}T1{moved}:{minute:02}:00.000Z",
            "location_address": f"{ident % 300} Example Street, Lisbon",
            "answers": _ANSWERS,
            "custom_fields": _CUSTOM,
            "created_at": f"2026-01-{day:02}T09:{minute:02}:00.000Z",
            "updated_at": f"2026-02-{day:02}T1{moved}:{minute:02}:00.000Z",
        },
        separators=(",", ":"),
    ).encode()


def referred() -> dict[str, list[bytes]]:
    """Pages of every list that applications refer to: path -> pages, whole and unchanging.

    Without them the references of applications lead nowhere, and a sync would not believe the
    list of applications.
    """
    people = [*range(9_000, 9_000 + RECRUITERS), *range(9_100, 9_100 + COORDINATORS)]
    users: list[dict[str, object]] = [
        {"name": f"User {n}", "primary_email": f"u{n}@acme.example"} for n in people
    ]
    jobs: list[dict[str, object]] = [
        {"name": f"Role {n}", "status": "open", "opened_at": _AT} for n in range(JOBS)
    ]
    stages: list[dict[str, object]] = [
        {"job_id": 400_000 + n % JOBS, "name": "Interview"} for n in range(STAGES)
    ]
    lists: dict[str, tuple[Sequence[int], list[dict[str, object]]]] = {
        "/v3/users": (people, users),
        "/v3/jobs": (range(400_000, 400_000 + JOBS), jobs),
        "/v3/job_interview_stages": (range(650_000, 650_000 + STAGES), stages),
    }
    dated = {"created_at": _AT, "updated_at": _AT}
    return {
        path: _paged([{"id": n, **dated, **one} for n, one in zip(ids, rows, strict=True)])
        for path, (ids, rows) in lists.items()
    }


def _paged(rows: Sequence[dict[str, object]]) -> list[bytes]:
    return [json.dumps(rows[at : at + PER_PAGE]).encode() for at in range(0, len(rows), PER_PAGE)]


def stays(query: str) -> bytes:
    """The one stage that each of the applications asked for is in."""
    asked = parse_qs(query).get("application_ids", [""])[0]
    dated = {"created_at": _AT, "updated_at": _AT, "entered_at": _AT, "current": True}
    rows = [
        {"id": int(one), "application_id": int(one), **dated}
        | {"job_interview_stage_id": 650_000 + int(one) % STAGES}
        for one in filter(None, asked.split(","))
    ]
    return json.dumps(rows).encode()


def render(records: int, *, changed: bool) -> list[bytes]:
    """The pages, newest id first; with `changed`, every fiftieth record (2%) differs."""
    ids = range(5_000_000 + records, 5_000_000, -1)
    return [
        b"["
        + b",".join(row(i, changed=changed and i % 50 == 0) for i in ids[at : at + PER_PAGE])
        + b"]"
        for at in range(0, records, PER_PAGE)
    ]


class _Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    server: Server

    def handle(self) -> None:
        while request := self.rfile.readline(65_536):
            length = 0
            while (line := self.rfile.readline(65_536)) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            self.rfile.read(length)
            target = request.split(b" ")[1].decode()
            head, body = self.server.answer(target)
            self.wfile.write(
                f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{_PLENTY}{head}"
                f"Content-Length: {len(body)}\r\n\r\n".encode()
            )
            self.wfile.write(body)


class Server(socketserver.ThreadingTCPServer):
    """Serves /v3/applications and what they refer to page by page, `[]` for any other list.

    `/asked` answers with the targets of all requests since the last time, as a JSON list.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, records: int, delay: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._records = records
        self._delay = delay
        self._asked: list[str] = []
        self._lists = {**referred(), "/v3/applications": render(records, changed=False)}

    def answer(self, target: str) -> tuple[str, bytes]:
        """Headers (each line ended) and body of a request."""
        path, _, query = target.partition("?")
        if path == "/token":
            return "", b'{"access_token":"benchmark","token_type":"Bearer","expires_in":86400}'
        if path in ("/changed", "/unchanged"):
            self._turn(changed=path == "/changed")
            return "", b"true"
        if path == "/asked":
            asked, self._asked = self._asked, []
            return "", json.dumps(asked).encode()
        self._asked.append(target)
        if self._delay:
            time.sleep(self._delay)
        if path == "/v3/application_stages":
            return "", stays(query)
        pages = self._lists.get(path)
        if pages is None or "updated_at=" in query:
            return "", b"[]"
        at = int(parse_qs(query).get("cursor", ["0"])[0])
        follows = f'Link: <{self.url}{path}?cursor={at + 1}>; rel="next"\r\n'
        return follows if at + 1 < len(pages) else "", pages[at]

    def _turn(self, *, changed: bool) -> None:
        self._lists["/v3/applications"] = render(self._records, changed=changed)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--records", type=int, default=200_000)
    options.add_argument("--delay", type=float, default=0.0, help="seconds added to each answer")
    chosen = options.parse_args()
    server = Server(chosen.records, chosen.delay)
    print(server.url, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
