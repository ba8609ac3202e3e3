"""The Runtime API by its calls: what is right is taken, what is wrong is refused as AWS does."""

from __future__ import annotations

import base64
import http.client
import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pytest

from slimmer.verify.http_api import serving
from slimmer.verify.invocation_queue import InvocationQueue
from slimmer.verify.model import MAX_PAYLOAD_BYTES, Answer, Event
from slimmer.verify.runtime_api import RuntimeApi

ROOT = "/2018-06-01/runtime"
STREAM = {"Lambda-Runtime-Function-Response-Mode": "streaming"}


class Got(NamedTuple):
    status: int
    kind: str | None
    body: str
    headers: Mapping[str, str]


class Client:
    """Calls the API of a queue, each time over a connection of its own."""

    def __init__(self, port: int) -> None:
        self._port = port

    def call(
        self,
        method: str,
        path: str,
        body: bytes | Sequence[bytes] = b"",
        headers: Mapping[str, str] | None = None,
        trailers: Mapping[str, str] | None = None,
    ) -> Got:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            connection.putrequest(method, path)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if isinstance(body, bytes):
                connection.putheader("Content-Length", str(len(body)))
                connection.endheaders(body)
            else:
                connection.putheader("Transfer-Encoding", "chunked")
                connection.endheaders()
                for piece in body:
                    connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
                ends = "".join(f"{k}: {v}\r\n" for k, v in (trailers or {}).items())
                connection.send(f"0\r\n{ends}\r\n".encode())
            reply = connection.getresponse()
            kind = reply.getheader("Content-Type")
            return Got(reply.status, kind, reply.read().decode(), dict(reply.getheaders()))
        finally:
            connection.close()

    def next(self) -> str:
        got = self.call("GET", f"{ROOT}/invocation/next")
        assert got.status == 200
        return got.headers["Lambda-Runtime-Aws-Request-Id"]


@pytest.fixture
def queue() -> InvocationQueue:
    return InvocationQueue([Event("a.json", b'{"n":1}'), Event("b.json", b"2")], 30)


@pytest.fixture
def client(queue: InvocationQueue) -> Iterator[Client]:
    listener = socket.create_server(("127.0.0.1", 0))
    headers = {"Lambda-Runtime-Client-Context": '{"custom":{"a":"b"}}'}
    with serving(RuntimeApi(queue, headers).routes()) as serve:
        serve(listener)
        yield Client(listener.getsockname()[1])
        queue.close()


def answered(queue: InvocationQueue) -> Answer:
    answer = queue.invocations[0].answer
    assert answer is not None
    return answer


def wrong_state(before: str, after: str) -> str:
    line = f"State transition from {before} to {after} failed for runtime. Error: "
    return error(f"{line}State transition is not allowed", "InvalidStateTransition")


def error(message: str, kind: str) -> str:
    return f'{{"errorMessage":"{message}","errorType":"{kind}"}}\n'


# Every value is what AWS's Runtime Interface Emulator answers to the same call at the same time.
NOWHERE = (404, "text/plain; charset=utf-8", "404 page not found\n")
UNKNOWN = (400, "application/json", error("Invalid request ID", "InvalidRequestID"))
BEFORE = {
    ("GET", "/2018-06-01/ping"): (200, None, "pong"),
    ("GET", "/nowhere"): NOWHERE,
    ("GET", "/2015-01-01/runtime/invocation/next"): NOWHERE,
    ("POST", f"{ROOT}/invocation/next"): (405, None, ""),
    ("GET", f"{ROOT}/init/error"): (405, None, ""),
    ("GET", f"{ROOT}/restore/next"): NOWHERE,
    ("POST", f"{ROOT}/restore/error"): NOWHERE,
    ("POST", f"{ROOT}/invocation/x/response"): UNKNOWN,
}
AT_WORK = {
    ("POST", f"{ROOT}/init/error"): (403, "application/json", wrong_state("Running", "InitError")),
    ("POST", f"{ROOT}/invocation/x/response"): UNKNOWN,
    ("POST", f"{ROOT}/invocation/x/error"): UNKNOWN,
    ("POST", f"{ROOT}/invocation/ID/response/"): NOWHERE,
}
SENT = "RuntimeResponseSentState"
AFTER = {
    ("POST", f"{ROOT}/invocation/ID/response"): wrong_state(SENT, "InvocationResponse"),
    ("POST", f"{ROOT}/invocation/ID/error"): wrong_state(SENT, "InvocationErrorResponse"),
    ("POST", f"{ROOT}/init/error"): wrong_state(SENT, "InitError"),
}


def test_wrong_calls_are_answered_as_by_the_emulator(client: Client) -> None:
    for (method, path), expected in BEFORE.items():
        assert client.call(method, path, b"{}")[:3] == expected, path
    request_id = client.next()
    for (method, path), expected in AT_WORK.items():
        path = path.replace("ID", request_id)
        assert client.call(method, path, b"{}")[:3] == expected, path
    taken = client.call("POST", f"{ROOT}/invocation/{request_id}/response", b"1")
    assert taken[:3] == (202, "application/json", '{"status":"OK"}\n')
    for (method, path), body in AFTER.items():
        path = path.replace("ID", request_id)
        assert client.call(method, path, b"{}")[:3] == (403, "application/json", body), path
    client.next()
    assert client.call("POST", f"{ROOT}/invocation/{request_id}/error", b"{}")[:3] == UNKNOWN


def test_who_asks_again_before_the_answer_is_given_the_same_event(
    client: Client, queue: InvocationQueue
) -> None:
    first = client.next()
    assert client.next() == first
    client.call("POST", f"{ROOT}/invocation/{first}/response", b"1")
    assert client.next() != first
    assert queue.failure is None


def test_the_client_context_comes_with_every_event(client: Client) -> None:
    got = client.call("GET", f"{ROOT}/invocation/next")
    assert got.headers["Lambda-Runtime-Client-Context"] == '{"custom":{"a":"b"}}'
    assert got.body == '{"n":1}'


def test_a_stream_is_taken_in_pieces(client: Client, queue: InvocationQueue) -> None:
    path = f"{ROOT}/invocation/{client.next()}/response"
    pieces = [b"\0\xff", b"two", b"x" * 3_000_000]
    assert client.call("POST", path, pieces, STREAM).status == 202
    answer = answered(queue)
    assert (answer.kind, answer.is_streamed, answer.error_after) == ("response", True, b"")
    assert answer.body == b"".join(pieces)


def test_an_error_may_follow_the_head_of_a_stream(client: Client, queue: InvocationQueue) -> None:
    path = f"{ROOT}/invocation/{client.next()}/response"
    said = {"errorType": "Late", "errorMessage": "no"}
    trailers = {
        "Lambda-Runtime-Function-Error-Type": "Late",
        "Lambda-Runtime-Function-Error-Body": base64.b64encode(json.dumps(said).encode()).decode(),
    }
    assert client.call("POST", path, [b"head"], STREAM, trailers).status == 202
    answer = answered(queue)
    assert answer.body == b"head"
    assert json.loads(answer.error_after) == said


def test_an_unknown_way_to_answer_is_refused(client: Client, queue: InvocationQueue) -> None:
    path = f"{ROOT}/invocation/{client.next()}/response"
    got = client.call("POST", path, b"1", {"Lambda-Runtime-Function-Response-Mode": "odd"})
    message = error("Invalid function response mode", "InvalidFunctionResponseMode")
    assert got[:3] == (400, "application/json", message)
    assert b"Runtime.InvalidResponseModeHeader" in answered(queue).body


@pytest.mark.parametrize("chunked", [False, True])
def test_a_plain_answer_has_a_largest_size(
    client: Client, queue: InvocationQueue, chunked: bool
) -> None:
    path = f"{ROOT}/invocation/{client.next()}/response"
    most = b"1" * MAX_PAYLOAD_BYTES
    got = client.call("POST", path, [most, b"1"] if chunked else most + b"1")
    size = "Exceeded maximum allowed payload size (6291556 bytes)."
    assert got[:3] == (413, "application/json", error(size, "RequestEntityTooLarge"))
    assert b"Function.ResponseSizeTooLarge" in answered(queue).body
    path = f"{ROOT}/invocation/{client.next()}/response"
    assert client.call("POST", path, [most] if chunked else most).status == 202


def test_a_stream_may_be_larger_and_is_measured_whole(
    client: Client, queue: InvocationQueue
) -> None:
    path = f"{ROOT}/invocation/{client.next()}/response"
    assert client.call("POST", path, [b"x" * 1_000_000] * 201, STREAM).status == 202
    answer = answered(queue)
    assert answer.size_bytes == 201_000_000
    assert len(answer.body) == MAX_PAYLOAD_BYTES
    path = f"{ROOT}/invocation/{client.next()}/response"
    assert client.call("POST", path, [b"x" * 1_000_000] * 210, STREAM).status == 413
