"""Verifies SigV4a on raw requests with Python's cryptography: own key derivation, own canonical form, nothing of the product's.

usage: verify_sigv4a.py; JSON on stdin: {accessKeyId, secretAccessKey, requests: [{service, raw: base64}]}
prints for each request {valid, host, regionSet, scope}
"""

import base64
import hashlib
import hmac
import json
import re
import sys
from urllib.parse import quote, unquote_to_bytes

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ALGORITHM = "AWS4-ECDSA-P256-SHA256"
# Order of P-256, FIPS 186-4 D.1.2.3.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def public_key(access_key_id, secret):
    for counter in range(1, 255):
        context = b"\x00\x00\x00\x01" + ALGORITHM.encode() + b"\x00" + access_key_id.encode() + bytes([counter]) + b"\x00\x00\x01\x00"
        candidate = int.from_bytes(hmac.new(b"AWS4A" + secret.encode(), context, hashlib.sha256).digest(), "big")
        if candidate <= ORDER - 2:
            return ec.derive_private_key(candidate + 1, ec.SECP256R1()).public_key()
    raise ValueError("no key")


def encode(data):
    return quote(data, safe="-_.~")


def verdict(key, service, raw):
    head, _, body = raw.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    method, target, _ = line.split(" ")
    headers = {}
    for field in fields:
        name, _, value = field.partition(":")
        headers[name.lower()] = re.sub(" +", " ", value.strip())
    scheme, scope, names, signature = re.fullmatch(
        r"(\S+) Credential=[^/]+/(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]+)", headers["authorization"]
    ).groups()
    assert scheme == ALGORITHM, scheme
    path, _, query = target.partition("?")
    # S3 signs the path as it is, every other service encodes what is on the wire once more.
    segments = [encode(unquote_to_bytes(part) if service == "s3" else part) for part in path.split("/")]
    pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
    canonical_query = "&".join(
        f"{name}={value}" for name, value in sorted((encode(unquote_to_bytes(n)), encode(unquote_to_bytes(v))) for n, v in pairs)
    )
    content = headers["x-amz-content-sha256"]
    if re.fullmatch("[0-9a-f]{64}", content):
        assert content == hashlib.sha256(body).hexdigest(), "the body is not what was signed"
    canonical = "\n".join(
        [method, "/".join(segments), canonical_query, *(f"{name}:{headers[name]}" for name in names.split(";")), "", names, content]
    )
    text = "\n".join([ALGORITHM, headers["x-amz-date"], scope, hashlib.sha256(canonical.encode("latin-1")).hexdigest()])
    for name in ("host", "x-amz-region-set", "x-amz-date", "x-amz-security-token"):
        assert name in names.split(";"), f"{name} is not signed"
    try:
        key.verify(bytes.fromhex(signature), text.encode(), ec.ECDSA(hashes.SHA256()))
        valid = True
    except InvalidSignature:
        valid = False
    return {"valid": valid, "host": headers["host"], "regionSet": headers["x-amz-region-set"], "scope": scope}


given = json.load(sys.stdin)
own_key = public_key(given["accessKeyId"], given["secretAccessKey"])
print(json.dumps([verdict(own_key, one["service"], base64.b64decode(one["raw"])) for one in given["requests"]]))
