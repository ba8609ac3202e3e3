"""The Action's comment on a pull request, against a stand-in of GitHub's REST API on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from action import comment

MARK_OF_ANOTHER = '<!-- slim ["other", "check", "a.zip"] -->'


class GitHub(HTTPServer):
    """Keeps the comments of one pull request, and what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.comments: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.status = 0  # of every answer, where it is not 0


class Answers(BaseHTTPRequestHandler):
    server: GitHub

    def log_message(self, *_: object) -> None: ...

    def _answer(self, found: object, status: int = 200) -> None:
        data = json.dumps(found).encode()
        self.send_response(self.server.status or status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _body(self) -> str:
        assert self.headers["Authorization"] == "Bearer secret"
        found = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(f"{self.command} {self.path}")
        return str(found["body"])

    def do_GET(self) -> None:
        page = int(self.path.rpartition("=")[2])
        self._answer(self.server.comments[(page - 1) * 100 : page * 100])

    def do_POST(self) -> None:
        assert self.path == "/api/repos/me/shop/issues/7/comments"
        new = {"id": len(self.server.comments) + 1, "body": self._body()}
        self.server.comments.append(new)
        self._answer(new, 201)

    def do_PATCH(self) -> None:
        number = int(self.path.removeprefix("/api/repos/me/shop/issues/comments/"))
        self.server.comments[number - 1]["body"] = self._body()
        self._answer({})


@pytest.fixture
def github() -> Iterator[GitHub]:
    with GitHub() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def report(github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "event.json").write_text('{"pull_request": {"number": 7}}')
    file = tmp_path / "report.md"
    file.write_text("### slim: 6.6 MB\n")
    given = {
        "GITHUB_API_URL": f"http://127.0.0.1:{github.server_port}/api",
        "GITHUB_REPOSITORY": "me/shop",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_JOB": "size",
        "SLIM_TOKEN": "secret",
        "SLIM_REPORT": str(file),
        "SLIM_MODE": "check",
        "SLIM_PATH": "a.zip",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return file


def test_a_second_run_changes_the_comment_of_the_first(github: GitHub, report: Path) -> None:
    github.comments = [{"id": n, "body": MARK_OF_ANOTHER} for n in range(1, 131)]
    assert comment.main() == 0
    assert github.comments[130]["body"].startswith("### slim: 6.6 MB\n")
    report.write_text("### slim: 6.7 MB\n")
    assert comment.main() == 0
    assert len(github.comments) == 131
    assert github.comments[130]["body"].startswith("### slim: 6.7 MB\n")
    assert [line.split()[0] for line in github.asked] == ["POST", "PATCH"]
    assert {each["body"] for each in github.comments[:130]} == {MARK_OF_ANOTHER}


def test_what_may_not_comment_fails_no_job_and_says_what_it_needs(
    github: GitHub, report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report.is_file()
    github.status = 403
    assert comment.main() == 0
    said = capsys.readouterr().out
    assert said.startswith("::warning title=slim%3A no comment::")
    assert "HTTP status 403; the job needs permissions: pull-requests: write" in said
    assert "secret" not in said


def test_a_push_has_nothing_to_comment_on(
    github: GitHub, report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "event.json").write_text('{"ref": "main"}')
    assert comment.main() == 0
    monkeypatch.setenv("SLIM_REPORT", "")
    (tmp_path / "event.json").write_text('{"pull_request": {"number": 7}}')
    assert comment.main() == 0
    assert github.comments == []
    assert report.is_file()


def test_a_comment_is_no_longer_than_it_may_be() -> None:
    body = comment.body_of("x" * 70_000, "<!-- slim -->")
    assert len(body) == 65_536
    assert body.endswith("\n<!-- slim -->\n")
