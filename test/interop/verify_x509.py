"""Verifies a captured CreateSession by Python's cryptography: one JSON object in (raw request, root), one out.

Written from the specification alone, on the bytes of the wire; nothing of the adapter is used.
https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html
"""
import base64
import hashlib
import json
import re
import sys
from urllib.parse import parse_qsl, quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa


def main():
    given = json.load(sys.stdin)
    raw = base64.b64decode(given["raw"])
    head, body = raw.split(b"\r\n\r\n", 1)
    request_line, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = request_line.split(" ")
    headers = {}
    for line in lines:
        name, value = line.split(":", 1)
        headers[name.lower()] = re.sub(" +", " ", value.strip())
    path, _, query = target.partition("?")
    pairs = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in parse_qsl(query, True))

    authorization = headers["authorization"]
    algorithm, rest = authorization.split(" ", 1)
    fields = dict(part.strip().split("=", 1) for part in rest.split(","))
    serial, date, region, service, term = fields["Credential"].split("/")
    names = fields["SignedHeaders"].split(";")
    assert names == sorted(names), "signed headers are not sorted"
    for must in ("host", "x-amz-date", "x-amz-x509"):
        assert must in names, must + " is not signed"
    assert ("x-amz-x509-chain" in headers) == ("x-amz-x509-chain" in names), "the chain is not signed"

    canonical = "\n".join(
        [method, path, "&".join(f"{k}={v}" for k, v in pairs)]
        + [f"{name}:{headers[name]}" for name in names]
        + ["", fields["SignedHeaders"], hashlib.sha256(body).hexdigest()]
    )
    string_to_sign = "\n".join(
        [
            algorithm,
            headers["x-amz-date"],
            f"{date}/{region}/{service}/{term}",
            hashlib.sha256(canonical.encode("latin-1")).hexdigest(),
        ]
    )
    leaf = x509.load_der_x509_certificate(base64.b64decode(headers["x-amz-x509"]))
    assert str(leaf.serial_number) == serial, "the credential is not the serial number"
    signature = bytes.fromhex(fields["Signature"])
    key = leaf.public_key()
    data = string_to_sign.encode()
    if isinstance(key, rsa.RSAPublicKey):
        assert algorithm == "AWS4-X509-RSA-SHA256"
        key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey) and algorithm == "AWS4-X509-ECDSA-SHA256"
        key.verify(signature, data, ec.ECDSA(hashes.SHA256()))

    chain = [
        x509.load_der_x509_certificate(base64.b64decode(part))
        for part in headers.get("x-amz-x509-chain", "").split(",")
        if part
    ]
    issued = leaf
    for issuer in chain + [x509.load_pem_x509_certificate(given["root"].encode())]:
        issued.verify_directly_issued_by(issuer)
        issued = issuer

    pem = serialization.Encoding.PEM
    print(
        json.dumps(
            {
                "algorithm": algorithm,
                "scope": f"{date}/{region}/{service}/{term}",
                "stringToSign": string_to_sign,
                "signature": fields["Signature"],
                "publicKey": key.public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo).decode(),
                "leaf": leaf.public_bytes(pem).decode(),
                "chain": "".join(one.public_bytes(pem).decode() for one in chain),
                "chainLength": len(chain),
                "body": json.loads(body),
            }
        )
    )


main()
