"""A function that uses each of the eight libraries for one thing, as functions do."""

import http.server
import io
import threading

import boto3
import numpy
import pandas
import PIL.Image
import requests
import scipy.optimize
import scipy.stats
from cryptography.fernet import Fernet


class Hello(http.server.BaseHTTPRequestHandler):
    """Answers every request with JSON."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"a": 1}')

    def log_message(self, *_):
        pass


def tables():
    frame = pandas.DataFrame({"word": ["a", "b", "a"], "count": [1, 2, 3]})
    file = io.BytesIO()
    frame.groupby("word").sum().reset_index().to_parquet(file, engine="pyarrow")
    return pandas.read_parquet(io.BytesIO(file.getvalue()), engine="pyarrow")["count"].tolist()


def picture():
    file = io.BytesIO()
    PIL.Image.new("RGB", (16, 16), (200, 30, 40)).resize((8, 8)).save(file, "PNG")
    return PIL.Image.open(file).size


def page():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    answer = requests.get(f"http://127.0.0.1:{server.server_address[1]}/x").json()
    server.shutdown()
    return answer


def link():
    client = boto3.client(
        "s3", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    url = client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    return url.partition("?")[0]


def handler(event, _context):
    box = Fernet(Fernet.generate_key())
    return {
        "event": event,
        "counts": tables(),
        "picture": picture(),
        "page": page(),
        "link": link(),
        "secret": box.decrypt(box.encrypt(b"secret")).decode(),
        "solved": numpy.linalg.solve([[2.0, 1.0], [1.0, 3.0]], [3.0, 5.0]).round(9).tolist(),
        "root": round(scipy.optimize.brentq(lambda x: x * x - 2, 0, 2), 9),
        "p": round(float(scipy.stats.ttest_1samp([1.0, 2.0, 3.0], 1.5).pvalue), 9),
    }
