"""Verifies a JSON Web Token as a stranger does: through what its issuer publishes, by joserfc, trusting nothing else.

usage: verify_jwt.py <issuer url> <audience>; the token on stdin, the verified header and claims on stdout as JSON.
"""

import json
import sys
import urllib.request

from joserfc import jwt
from joserfc.jwk import KeySet

ISSUER, AUDIENCE = sys.argv[1], sys.argv[2]


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


discovery = fetch(f"{ISSUER}/.well-known/openid-configuration")
assert discovery["issuer"] == ISSUER, discovery["issuer"]
for name in ("response_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported", "claims_supported"):
    assert discovery[name], name
keys = KeySet.import_key_set(fetch(discovery["jwks_uri"]))
token = jwt.decode(sys.stdin.read().strip(), keys, algorithms=discovery["id_token_signing_alg_values_supported"])
jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": ISSUER},
    aud={"essential": True, "value": AUDIENCE},
    sub={"essential": True},
    exp={"essential": True},
    nbf={"essential": True},
    iat={"essential": True},
    jti={"essential": True},
).validate(token.claims)
print(json.dumps({"header": token.header, "claims": token.claims}))
