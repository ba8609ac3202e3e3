"""A function that does one small thing for each name that it is asked for."""

import csv
import datetime
import decimal
import gzip
import io
import json
import logging
import sqlite3
import ssl
import subprocess
import zoneinfo

import boto3
import pandas
from fastapi import FastAPI
from mangum import Mangum
from pydantic import BaseModel

api = FastAPI()
asgi = Mangum(api, lifespan="off")
REGION = {"region_name": "eu-central-1", "aws_access_key_id": "A", "aws_secret_access_key": "S"}


class Order(BaseModel):
    name: str
    size: int


@api.post("/orders")
def order(order: Order):
    return {"name": order.name, "twice": order.size * 2}


def asked(method, path, body=""):
    context = {"http": {"method": method, "path": path, "sourceIp": "127.0.0.1"}}
    event = {"version": "2.0", "rawPath": path, "rawQueryString": "", "body": body}
    headers = {"content-type": "application/json", "host": "example.org"}
    answer = asgi({**event, "headers": headers, "requestContext": context}, None)
    return [answer["statusCode"], json.loads(answer["body"])]


def groups():
    table = pandas.DataFrame({"kind": ["tea", "coffee", "tea"], "cups": [1, 2, 3]})
    return json.loads(table.groupby("kind").cups.sum().to_json())


def dates():
    days = pandas.date_range("2026-01-30", periods=3, tz="Europe/Berlin")
    return [str(day) for day in days.shift(1, freq="ME")]


def zones():
    moment = datetime.datetime(2026, 7, 1, 12, tzinfo=zoneinfo.ZoneInfo("Asia/Tokyo"))
    return str(moment.astimezone(zoneinfo.ZoneInfo("America/New_York")))


def tables():
    rows = list(csv.reader(io.StringIO("a,b\n1,'x'\n")))
    return [rows, pandas.read_csv(io.StringIO("a;b\n1;2\n"), sep=";").to_dict()]


def presigned():
    s3 = boto3.client("s3", **REGION)
    url = s3.generate_presigned_url("get_object", {"Bucket": "b", "Key": "k"})
    return url.partition("?")[0]


def paginator():
    dynamo = boto3.client("dynamodb", **REGION)
    return [dynamo.can_paginate("scan"), sorted(dynamo.waiter_names)]


def sqlite():
    with sqlite3.connect(":memory:") as database:
        return database.execute("select json_extract('{\"a\": 2}', '$.a') + 1").fetchone()


def tls():
    return len(ssl.create_default_context().get_ca_certs()) > 100


def log():
    logging.getLogger().warning("a line for the log")
    return "logged"


def process():
    done = subprocess.run(["sh", "-c", "echo one | tr a-z A-Z"], capture_output=True, check=True)
    return done.stdout.decode()


def fail():
    raise ValueError("as asked")


FEATURES = {
    "route": lambda: asked("POST", "/orders", '{"name": "tea", "size": 2}'),
    "invalid": lambda: asked("POST", "/orders", '{"name": "tea"}'),
    "openapi": lambda: sorted(asked("GET", "/openapi.json")[1]["components"]["schemas"]),
    "groups": groups,
    "dates": dates,
    "zones": zones,
    "csv": tables,
    "presigned": presigned,
    "paginator": paginator,
    "sqlite": sqlite,
    "tls": tls,
    "decimal": lambda: str(decimal.Decimal("1.1") ** 10),
    "log": log,
    "process": process,
    "gzip": lambda: gzip.decompress(gzip.compress(b"squeezed")).decode(),
    "raise": fail,
}


def handler(event, _context):
    return FEATURES[event["feature"]]()
