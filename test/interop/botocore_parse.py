"""Owns what botocore reads in answers: takes a list of {service, operation, body}, prints each as data, times as ISO 8601 text."""
import base64
import datetime
import json
import sys

import botocore.session
from botocore import parsers


def plain(value):
    if isinstance(value, datetime.datetime):
        moment = value.astimezone(datetime.timezone.utc)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def main():
    session = botocore.session.get_session()
    answers = []
    for call in json.load(sys.stdin):
        model = session.get_service_model(call["service"])
        parser = parsers.create_parser(model.metadata["protocol"])
        response = {"status_code": 200, "headers": {}, "body": call["body"].encode()}
        parsed = parser.parse(response, model.operation_model(call["operation"]).output_shape)
        parsed.pop("ResponseMetadata", None)
        answers.append(plain(parsed))
    print(json.dumps(answers))


main()
