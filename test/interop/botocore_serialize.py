"""Owns what botocore makes of inputs: reads a list of {service, operation, input}, prints the requests it would send, unsigned."""
import base64
import datetime
import json
import sys

import botocore.session
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.config import Config


class Body:
    def stream(self):
        return iter([b""])

    def read(self, *_):
        return b""


def native(value):
    if isinstance(value, dict):
        if "$date" in value:
            return datetime.datetime.fromtimestamp(value["$date"] / 1000, datetime.timezone.utc)
        if "$bytes" in value:
            return base64.b64decode(value["$bytes"])
        return {key: native(member) for key, member in value.items()}
    return [native(item) for item in value] if isinstance(value, list) else value


def prune(shape, value, dropped, path):
    """Leaves out what this botocore's model, older or newer than ours, does not know."""
    if shape.type_name == "structure" and isinstance(value, dict) and not getattr(shape, "is_document_type", False):
        for name in [name for name in value if name not in shape.members]:
            dropped.append(f"{path}.{name}")
            del value[name]
        for name, member in value.items():
            prune(shape.members[name], member, dropped, f"{path}.{name}")
    elif shape.type_name == "list" and isinstance(value, list):
        for item in value:
            prune(shape.member, item, dropped, path)
    elif shape.type_name == "map" and isinstance(value, dict):
        for member in value.values():
            prune(shape.value, member, dropped, path)


def main():
    session = botocore.session.get_session()
    session.set_config_variable("region", "eu-west-1")
    config = Config(
        signature_version=UNSIGNED, parameter_validation=False, retries={"total_max_attempts": 1, "mode": "standard"}
    )
    clients, captured = {}, {}

    def take(request, **_):
        captured["request"] = request
        return AWSResponse(request.url, 200, {}, Body())

    answers = []
    for call in json.load(sys.stdin):
        service, operation = call["service"], call["operation"]
        captured.clear()
        answer, dropped = {}, []
        try:
            if service not in clients:
                clients[service] = session.create_client(service, region_name="eu-west-1", config=config)
                clients[service].meta.events.register("before-send.*.*", take)
            client = clients[service]
            methods = {name: method for method, name in client.meta.method_to_api_mapping.items()}
            if operation not in methods:
                answer["missing"] = True
            else:
                shape = client.meta.service_model.operation_model(operation).input_shape
                if shape is not None:
                    prune(shape, call["input"], dropped, operation)
                elif call["input"]:
                    dropped += call["input"]
                    call["input"] = {}
                getattr(client, methods[operation])(**native(call["input"]))
        except Exception as error:  # What follows the request is of no interest, and what precedes it is an answer.
            answer["error"] = f"{type(error).__name__}: {error}"
        if "request" in captured:
            request = captured["request"]
            body = request.body
            if hasattr(body, "read"):
                body = body.read()
            if isinstance(body, str):
                body = body.encode("utf-8")
            headers = {k: v.decode("utf-8") if isinstance(v, bytes) else str(v) for k, v in request.headers.items()}
            answer = {
                "method": request.method,
                "url": request.url,
                "headers": headers,
                "body": base64.b64encode(bytes(body or b"")).decode(),
            }
        answers.append({**answer, "input": call["input"], "dropped": dropped})
    print(json.dumps(answers))


main()
