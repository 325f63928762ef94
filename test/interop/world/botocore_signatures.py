"""Signs recorded requests again with botocore's signers, from their wire bytes, and prints the signatures as JSON.

stdin: a JSON list of {method, url, headers, body (base64), accessKeyId, secretAccessKey}
stdout: a JSON list of signatures in the same order
"""

import base64
import json
import re
import sys

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def signature(recorded):
    authorization = recorded["headers"]["authorization"]
    region, service = re.search(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/", authorization).groups()
    signed_headers = re.search(r"SignedHeaders=([^,]+)", authorization).group(1).split(";")
    request = AWSRequest(
        method=recorded["method"],
        # The host is in the signed headers; the URL only carries path and query as they were on the wire.
        url=f"http://{recorded['headers']['host']}{recorded['url']}",
        data=base64.b64decode(recorded["body"]),
        headers={name: recorded["headers"][name] for name in signed_headers},
    )
    request.context["timestamp"] = recorded["headers"]["x-amz-date"]
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    credentials = Credentials(recorded["accessKeyId"], recorded["secretAccessKey"])
    auth = signer(credentials, service, region)
    return auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)


print(json.dumps([signature(recorded) for recorded in json.load(sys.stdin)]))
