"""What the Action's last step runs: the report as one comment on the pull request, kept up to date.

The comment of an earlier run, known by a mark that nobody sees, is changed; else one is added. The
calls are those of GitHub's REST API for issue comments. What goes wrong is an annotation, and fails
no job: a pull request of a fork gets a token that may not comment.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from action.run import Note, command_line

MAX_CHARACTERS = 65_536  # of a comment
_PAGE, _PAGES = 100, 30  # comments of a page, and pages that are looked at
_TIMEOUT_S = 30.0
_ADVICE = "the job needs permissions: pull-requests: write, which no fork's pull request gets"


class CommentError(Exception):
    """A call that GitHub did not answer as it should; the text says which."""


class Api:
    """GitHub's REST API, as far as comments of one repository go."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._url = urlsplit(env["GITHUB_API_URL"])
        self._base = f"{self._url.path}/repos/{env['GITHUB_REPOSITORY']}/issues"
        self._headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {env['SLIM_TOKEN']}",
            "User-Agent": "slim",
        }

    def call(self, method: str, path: str, body: str = "") -> Any:
        """Return the JSON that a call answers. Raises CommentError."""
        https = self._url.scheme == "https"
        kind = http.client.HTTPSConnection if https else http.client.HTTPConnection
        connection = kind(self._url.netloc, timeout=_TIMEOUT_S)
        data = json.dumps({"body": body}) if body else None
        try:
            connection.request(method, self._base + path, data, self._headers)
            answer = connection.getresponse()
            found = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = str(error) or type(error).__name__
            raise CommentError(f"{method} of a comment: {why}") from None
        finally:
            connection.close()
        if answer.status not in (200, 201):
            raise CommentError(f"{method} of a comment: HTTP status {answer.status}; {_ADVICE}")
        return found

    def comments(self, number: int) -> Iterator[Mapping[str, Any]]:
        """Yield the comments of a pull request. Raises CommentError."""
        for page in range(1, _PAGES + 1):
            found = self.call("GET", f"/{number}/comments?per_page={_PAGE}&page={page}")
            yield from found
            if len(found) < _PAGE:
                return


def pull_request(event_file: str) -> int:
    """Return the number of the pull request that an event is of; 0 for none."""
    try:
        event = json.loads(Path(event_file).read_bytes()) if event_file else {}
    except (OSError, ValueError):
        return 0
    return int(event.get("pull_request", {}).get("number", 0))


def body_of(report: str, mark: str) -> str:
    """Return a comment with a report and a mark, as long as a comment may be."""
    end = f"\n{mark}\n"
    return report[: MAX_CHARACTERS - len(end)] + end


def put(api: Api, number: int, report: str, mark: str) -> None:
    """Change the comment that has the mark, or add one. Raises CommentError."""
    body = body_of(report, mark)
    for comment in api.comments(number):
        if mark in (comment.get("body") or ""):
            api.call("PATCH", f"/comments/{comment['id']}", body)
            return
    api.call("POST", f"/{number}/comments", body)


def main() -> int:
    """Comment with the report of this job's step, where there is one and a pull request."""
    env = os.environ
    report, number = env.get("SLIM_REPORT", ""), pull_request(env.get("GITHUB_EVENT_PATH", ""))
    if not report or not number:
        return 0
    # Each step of each job has a comment of its own, by what it looks at.
    words = [env.get(name, "") for name in ("GITHUB_JOB", "SLIM_MODE", "SLIM_PATH")]
    mark = f"<!-- slim {json.dumps(words).replace('-->', '')} -->"
    try:
        put(Api(env), number, Path(report).read_text("utf-8"), mark)
    except CommentError as error:
        print(command_line(Note("warning", "", "slim: no comment", str(error)), Path()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
