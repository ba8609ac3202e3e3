"""Loads every library of the layer and computes with it; prints the results as JSON."""

import datetime
import http.server
import importlib.metadata
import io
import json
import pathlib
import socket
import ssl
import tempfile
import threading

import boto3
import botocore.stub
import numpy
import pandas
import PIL.Image
import PIL.ImageFilter
import pyarrow
import pyarrow.compute
import pyarrow.dataset
import pyarrow.parquet
import requests
import scipy.fft
import scipy.integrate
import scipy.interpolate
import scipy.linalg
import scipy.optimize
import scipy.signal
import scipy.sparse.linalg
import scipy.spatial
import scipy.special
import scipy.stats
from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def linear_algebra():
    matrix = numpy.array([[2.0, 1.0], [1.0, 3.0]])
    names = {}
    exec("from numpy import *", names)
    return {
        "solved": numpy.linalg.solve(matrix, [3.0, 5.0]).round(12).tolist(),
        "eigenvalues": numpy.linalg.eigvalsh(matrix).round(12).tolist(),
        "random": numpy.random.default_rng(7).integers(0, 100, 5).tolist(),
        "star": len([name for name in names if not name.startswith("_")]),
        "testing": numpy.testing.assert_allclose([1.0], [1.0]) is None,
    }


def science():
    signal = numpy.sin(2 * numpy.pi * 5 * numpy.arange(64) / 64)
    system = scipy.sparse.csr_matrix([[4.0, 1.0], [1.0, 3.0]])
    return {
        "fft": int(numpy.abs(scipy.fft.rfft(signal)).argmax()),
        "lu": scipy.linalg.lu(numpy.array([[0.0, 2.0], [3.0, 4.0]]))[2].tolist(),
        "root": round(scipy.optimize.brentq(lambda x: x * x - 2, 0, 2), 10),
        "simplex": round(scipy.optimize.linprog([-1, -2], [[1, 1]], [4]).fun, 10),
        "area": round(scipy.integrate.quad(numpy.exp, 0, 1)[0], 10),
        "spline": round(float(scipy.interpolate.CubicSpline([0, 1, 2], [0, 1, 4])(1.5)), 10),
        "gamma": round(float(scipy.special.gamma(5.5)), 8),
        "sparse": scipy.sparse.linalg.spsolve(system, numpy.array([1.0, 2.0])).round(10).tolist(),
        "nearest": int(scipy.spatial.cKDTree([[0, 0], [5, 5]]).query([4, 4])[1]),
        "p": round(float(scipy.stats.ttest_1samp([1.0, 2.0, 3.0], 1.5).pvalue), 10),
        "filter": scipy.signal.butter(2, 0.2)[0].round(10).tolist(),
    }


def tables(folder):
    frame = pandas.DataFrame({"k": list("abab"), "v": [1, 2, 3, 4]})
    frame["t"] = pandas.date_range("2026-01-01", periods=4, tz="Europe/Berlin")
    table = pyarrow.Table.from_pandas(frame)
    for codec in ("snappy", "zstd", "gzip", "lz4", "brotli"):
        pyarrow.parquet.write_table(table, folder / f"{codec}.parquet", compression=codec)
    read = pandas.read_parquet(folder / "zstd.parquet")
    data = pyarrow.dataset.dataset(folder, format="parquet")
    return {
        "groups": frame.groupby("k")["v"].sum().to_dict(),
        "csv": pandas.read_csv(io.StringIO(frame.to_csv(index=False)))["v"].tolist(),
        "same": bool(read.equals(frame)),
        "merged": frame.merge(frame, on="k").shape,
        "times": frame["t"].dt.tz_convert("UTC").dt.hour.tolist(),
        "rows": data.count_rows(),
        "filtered": data.to_table(filter=pyarrow.dataset.field("v") > 2).num_rows,
        "computed": pyarrow.compute.sum(table["v"]).as_py(),
        "string": str(frame.rolling(2, on="t")["v"].mean().tolist()),
    }


def images():
    image = PIL.Image.new("RGB", (16, 16), (200, 30, 40)).filter(PIL.ImageFilter.BLUR)
    found = {}
    for form in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "AVIF", "JPEG2000"):
        data = io.BytesIO()
        image.save(data, form)
        loaded = PIL.Image.open(io.BytesIO(data.getvalue())).convert("RGB")
        found[form] = [
            loaded.size,
            max(
                abs(c - d) < 12 for c, d in zip(loaded.getpixel((8, 8)), (200, 30, 40), strict=True)
            ),
        ]
    return found


def certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(pem, private, serialization.NoEncryption()))
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))


class Hello(http.server.BaseHTTPRequestHandler):
    """Answers every request with JSON."""

    def do_GET(self):
        body = json.dumps({"path": self.path}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def network(folder):
    certificate(folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    answer = requests.get(f"https://localhost:{port}/x", verify=str(folder / "cert.pem"))
    trusting = ssl.create_default_context(cafile=folder / "cert.pem")
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        trusting.wrap_socket(plain, server_hostname="localhost") as secured,
    ):
        peer = x509.load_der_x509_certificate(secured.getpeercert(True))
    server.shutdown()
    fernet = Fernet(Fernet.generate_key())
    return {
        "answer": answer.json(),
        "status": answer.status_code,
        "peer": peer.subject.rfc4514_string(),
        "secret": fernet.decrypt(fernet.encrypt(b"secret")).decode(),
    }


def aws():
    session = boto3.Session("a", "b", region_name="eu-west-1")
    client = session.client("s3")
    with botocore.stub.Stubber(client) as stub:
        stub.add_response("list_buckets", {"Buckets": [{"Name": "one"}]})
        buckets = [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]
    sign = {"Bucket": "b", "Key": "k"}
    url = client.generate_presigned_url("get_object", sign)
    table = session.resource("dynamodb").Table("t")
    return {
        "buckets": buckets,
        "url": url.split("?")[0],
        "pages": client.can_paginate("list_objects_v2"),
        "services": len(session.get_available_services()),
        "doc": "get_object" in client.get_object.__doc__,
        "table": table.table_name,
        "waiters": client.waiter_names,
        "clients": [session.client(s).meta.service_model.api_version for s in ("ec2", "sqs")],
    }


def versions():
    names = ("boto3", "cryptography", "numpy", "pandas", "pillow", "pyarrow", "requests", "scipy")
    return {name: importlib.metadata.version(name) for name in names}


with tempfile.TemporaryDirectory() as scratch:
    parts = pathlib.Path(scratch) / "parts"
    parts.mkdir()
    found = linear_algebra() | science() | tables(parts) | {"images": images()}
    found |= network(pathlib.Path(scratch)) | aws() | {"versions": versions()}
print(json.dumps(found, sort_keys=True))
