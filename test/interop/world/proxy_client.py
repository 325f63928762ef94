"""Uses a signing proxy as boto3's users do, with dummy keys, and prints what came of it as JSON.

usage: proxy_client.py <bucket> <endpoint url, or - for AWS's own through HTTPS_PROXY>
"""

import hashlib
import io
import json
import sys
import urllib.error
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

BUCKET, ENDPOINT = sys.argv[1], None if sys.argv[2] == "-" else sys.argv[2]
# Version 4 is said for presigned URLs alone: without it boto3 makes them as of version 2 in the first region.
CONFIG = Config(retries={"total_max_attempts": 1}, signature_version="s3v4")
s3 = boto3.client("s3", region_name="us-east-1", endpoint_url=ENDPOINT, config=CONFIG)
payloads, answers = [], {}


def note_payload(request, **_):
    given = request.headers.get("X-Amz-Content-SHA256") or ""
    text = given.decode() if isinstance(given, bytes) else given
    payloads.append(text if "PAYLOAD" in text else "hash")


s3.meta.events.register("before-send.s3", note_payload)

body = bytes(range(256)) * 1200  # More than four frames.
s3.create_bucket(Bucket=BUCKET)
for name, given in {
    "bytes": body,
    "stream": io.BytesIO(body),
    "empty": b"",
}.items():
    put = s3.put_object(Bucket=BUCKET, Key=f"dir/{name}", Body=given)
    got = s3.get_object(Bucket=BUCKET, Key=f"dir/{name}")
    answers[name] = {
        "checksum": [key for key in put if key.startswith("Checksum") and key != "ChecksumType"],
        "same": got["Body"].read() == (b"" if name == "empty" else body),
    }
s3.put_object(Bucket=BUCKET, Key="dir/sha256", Body=io.BytesIO(body), ChecksumAlgorithm="SHA256")

large = body * 40
s3.upload_fileobj(io.BytesIO(large), BUCKET, "dir/parts", Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20))
back = io.BytesIO()
s3.download_fileobj(BUCKET, "dir/parts", back)
answers["parts"] = hashlib.sha256(back.getvalue()).hexdigest() == hashlib.sha256(large).hexdigest()
answers["head"] = s3.head_object(Bucket=BUCKET, Key="dir/parts")["ContentLength"] == len(large)
answers["range"] = s3.get_object(Bucket=BUCKET, Key="dir/bytes", Range="bytes=256-511")["Body"].read() == bytes(range(256))
answers["listed"] = sorted(item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"])

if ENDPOINT:
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "dir/bytes"}, ExpiresIn=60)
    answers["presigned"] = urllib.request.urlopen(url).read() == body
    url = s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "dir/put"}, ExpiresIn=60)
    answers["presignedPut"] = urllib.request.urlopen(urllib.request.Request(url, data=body, method="PUT")).status
try:
    s3.get_object(Bucket=BUCKET, Key="dir/none")
except s3.exceptions.NoSuchKey as error:
    answers["missing"] = error.response["Error"]["Code"]
s3.delete_object(Bucket=BUCKET, Key="dir/empty")
answers["payloads"] = sorted(set(payloads))
print(json.dumps(answers))
