"""Replays attested headers as a verifier does: GetCallerIdentity to STS with nothing of the client's but these headers and the host.

usage: replay_caller_identity.py <port of STS on 127.0.0.1>; the attestation as JSON on stdin, STS's answer on stdout.
"""

import http.client
import json
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree

PORT = int(sys.argv[1])
attestation = json.load(sys.stdin)
headers = attestation["headers"]
unknown = set(headers) - {"Content-Type", "X-Amz-Date", "X-Amz-Security-Token", "Authorization"}
assert not unknown, unknown
host = urllib.parse.urlsplit(attestation["url"]).hostname
connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
connection.putrequest("POST", "/", skip_host=True, skip_accept_encoding=True)
body = b"Action=GetCallerIdentity&Version=2011-06-15"
for name, value in [("Host", host), ("Content-Length", str(len(body))), *headers.items()]:
    connection.putheader(name, value)
connection.endheaders(body)
answer = connection.getresponse()
text = answer.read().decode()
result = {"status": answer.status}
if answer.status == 200:
    result["arn"] = next(element.text for element in ElementTree.fromstring(text).iter() if element.tag.endswith("Arn"))
else:
    result["body"] = text
print(json.dumps(result))
