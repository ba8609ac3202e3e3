"""Uses (use_), wrong uses (bad_) and other features (new_) of the eight libraries, one an event."""

import http.server
import io
import threading

import boto3
import numpy
import pandas
import PIL.Image
import requests
import scipy.optimize
from cryptography.fernet import Fernet


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"a": 1}' if self.path == "/json" else b"no json")

    def log_message(self, *_):
        pass


def page(path):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        return requests.get(f"http://127.0.0.1:{server.server_address[1]}{path}").json()
    finally:
        server.shutdown()


def client(service):
    return boto3.client(
        service, region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )


def frame():
    return pandas.DataFrame({"word": ["a", "b", "a"], "count": [1, 2, 3]})


def picture(form="PNG"):
    file = io.BytesIO()
    PIL.Image.new("RGB", (16, 16), (200, 30, 40)).resize((8, 8)).save(file, form)
    return file.getvalue()


def use_table():
    file = io.BytesIO()
    frame().groupby("word").sum().reset_index().to_parquet(file, engine="pyarrow")
    return pandas.read_parquet(io.BytesIO(file.getvalue()), engine="pyarrow")["count"].tolist()


def use_picture():
    return PIL.Image.open(io.BytesIO(picture())).size


def use_page():
    return page("/json")


def use_secret():
    box = Fernet(Fernet.generate_key())
    url = client("s3").generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    solved = numpy.linalg.solve([[2.0, 1.0], [1.0, 3.0]], [3.0, 5.0]).round(9).tolist()
    root = round(scipy.optimize.brentq(lambda x: x * x - 2, 0, 2), 9)
    return [box.decrypt(box.encrypt(b"secret")).decode(), url.partition("?")[0], solved, root]


def bad_parquet():
    return len(pandas.read_parquet(io.BytesIO(b"broken"), engine="pyarrow"))


def bad_column():
    return frame()["missing"].tolist()


def bad_picture():
    return PIL.Image.open(io.BytesIO(b"no picture")).size


def bad_end():
    return PIL.Image.open(io.BytesIO(picture()[:60])).getpixel((0, 0))


def bad_page():
    return requests.get("http://127.0.0.1:1/").status_code


def bad_json():
    return page("/text")


def bad_token():
    return Fernet(Fernet.generate_key()).decrypt(b"broken").decode()


def bad_parameter():
    return client("s3").put_object(Bucket="b")


def bad_matrix():
    return numpy.linalg.solve([[1.0, 1.0], [1.0, 1.0]], [1.0, 2.0]).tolist()


def bad_root():
    return scipy.optimize.brentq(lambda x: x * x + 2, 0, 2)


def new_service():
    return client("ec2").meta.service_model.api_version


def new_services():
    return len(boto3.Session().get_available_services())


def new_store():
    from pyarrow.fs import S3FileSystem

    return S3FileSystem(region="eu-west-1", anonymous=True).type_name


def new_dataset():
    import pyarrow
    import pyarrow.dataset

    return pyarrow.dataset.dataset(pyarrow.Table.from_pandas(frame())).count_rows()


def new_font():
    from PIL import ImageFont

    return type(ImageFont.load_default()).__name__


def new_form():
    return PIL.Image.open(io.BytesIO(picture("WEBP"))).format


def new_matlab():
    import scipy.io

    file = io.BytesIO()
    scipy.io.savemat(file, {"a": numpy.eye(2)})
    return sorted(scipy.io.loadmat(io.BytesIO(file.getvalue()))["a"].ravel().tolist())


def new_certificate():
    from cryptography import x509

    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")]).rfc4514_string()


def new_zone():
    return str(pandas.date_range("2026-01-01", periods=2, tz="Europe/Berlin")[1])


def new_filter():
    import scipy.signal

    return scipy.signal.butter(2, 0.2)[0].round(9).tolist()


def handler(event, _context):
    return globals()[event["do"]]()
