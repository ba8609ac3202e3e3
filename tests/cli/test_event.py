"""``slim event`` prints events that are JSON, and that slim itself understands."""

import json
from pathlib import Path

import pytest

from slimmer.cli.event import event_names
from slimmer.verify.errands import errand
from tests.support.command import slim

ASKED = {
    "apigateway": "GET /items/7",
    "apigateway-v2": "GET /items/7",
    "alb": "GET /items/7",
    "sqs": "aws:sqs",
    "sns": "aws:sns",
    "s3": "aws:s3",
    "dynamodb": "aws:dynamodb",
    "kinesis": "aws:kinesis",
    "eventbridge": "Order Placed",
    "schedule": "Scheduled Event",
    "cognito": "",
}


def test_the_events_are_listed(tmp_path: Path) -> None:
    listed = slim("event", cwd=tmp_path).out.splitlines()
    assert [line.split()[0] for line in listed] == list(event_names())
    assert set(event_names()) >= ASKED.keys()


@pytest.mark.parametrize("name", event_names())
def test_an_event_is_printed_as_it_is_sent(name: str, tmp_path: Path) -> None:
    outcome = slim("event", name, cwd=tmp_path)
    assert outcome.code == 0
    assert isinstance(json.loads(outcome.out), dict)
    assert errand(outcome.out.encode()) == ASKED.get(name, errand(outcome.out.encode()))


def test_a_wrong_name_is_told_the_nearest(tmp_path: Path) -> None:
    outcome = slim("event", "sqss", cwd=tmp_path)
    assert (outcome.code, outcome.out) == (2, "")
    assert "there is no event 'sqss'" in outcome.err
