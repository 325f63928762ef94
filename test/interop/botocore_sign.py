"""Owns the second opinion on signatures: botocore's signers, one request a line, in and out as JSON."""

import base64
import datetime
import json
import sys

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def sign(case):
    date = datetime.datetime.fromtimestamp(case["dateMs"] / 1000, datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda *_, **__: date
    request = AWSRequest(
        method=case["method"],
        url=case["url"],
        headers=case["headers"],
        data=base64.b64decode(case["body"]),
    )
    credentials = Credentials(case["accessKeyId"], case["secretAccessKey"], case.get("sessionToken"))
    signers = {"as-is": botocore.auth.S3SigV4Auth, "double-encoded": botocore.auth.SigV4Auth}
    signers[case["path"]](credentials, case["service"], case["region"]).add_auth(request)
    return {"authorization": request.headers["Authorization"], "date": request.headers["X-Amz-Date"]}


for line in sys.stdin:
    try:
        answer = sign(json.loads(line))
    except Exception as error:  # The test shows what went wrong; the process goes on.
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
