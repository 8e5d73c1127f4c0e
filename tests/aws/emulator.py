"""Emulates AWS in one process: ministack on two loopback ports, with checks of our own on top.

GATEWAY_PORT is the endpoint of every service, FRONT_PORT the newest HTTP API. Every call to DynamoDB
is checked by botocore, Amazon's own Python library, and written to CALLS, one JSON object per line:
its signature is calculated again, and its members are compared with Amazon's description of the API.

Where ministack 1.5.33 differs from AWS, as far as this project notices:

- It knows no alarms on expressions and no CodeDeploy. They become alarms on one metric, and names.
- It does not give the stack's parameters to SAM's transformation, which then sees only defaults.
- It responds to `/health` and to OPTIONS itself, on an HTTP API too.
- It has no canaries, evaluates no alarm, deletes nothing by TTL, limits no throughput, and accepts a
  change set of a stack whose creation has failed.
"""

import asyncio
import hmac
import json
import os
import re
import threading

GATEWAY_PORT, FRONT_PORT = int(os.environ["GATEWAY_PORT"]), int(os.environ["FRONT_PORT"])
# For the functions, which inherit it.
os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{GATEWAY_PORT}"

import samtranslator.translator.transform as sam
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack
from ministack.core import iam_evaluator
from ministack.services import apigateway
from ministack.services.cloudformation import engine, provisioners

MODEL = ServiceModel(Loader().load_service_model("dynamodb", "service-2"))
CALLS = open(os.environ["CALLS"], "a", buffering=1)
WRITING = threading.Lock()


def name_unknown_resources():
    put = provisioners._cw_metric_alarm_put

    def alarm(name, props):
        if "Metrics" in props:
            stat = next(entry["MetricStat"] for entry in props.pop("Metrics") if "MetricStat" in entry)
            props = props | stat["Metric"] | {"Statistic": stat["Stat"], "Period": stat["Period"]}
        return put(name, dict(props))

    provisioners._cw_metric_alarm_put = alarm
    named = {"create": lambda logical_id, props, stack: (f"{stack}-{logical_id}", {})}
    named |= {"update": lambda physical_id, *_: (physical_id, {}), "delete": lambda *_: None}
    for kind in ("Application", "DeploymentGroup"):
        provisioners._RESOURCE_HANDLERS[f"AWS::CodeDeploy::{kind}"] = named


def refuse_resources():
    """No topic can be created while the file FAULTS exists."""
    create = provisioners._RESOURCE_HANDLERS["AWS::SNS::Topic"]["create"]

    def refuse(logical_id, props, stack):
        if os.path.exists(os.environ["FAULTS"]):
            raise ValueError("the test refuses this topic")
        return create(logical_id, props, stack)

    provisioners._RESOURCE_HANDLERS["AWS::SNS::Topic"]["create"] = refuse


def transform_with_parameters():
    transform, apply = sam.transform, engine._apply_transforms
    values = threading.local()

    def with_values(template, _, *others):
        return transform(template, values.given, *others)

    def remember(template, provided=None, previous=None):
        values.given = engine._transform_parameters(template, provided, previous)
        return apply(template, provided, previous)

    sam.transform = with_values
    from ministack.services.cloudformation import changesets, handlers

    for module in (engine, changesets, handlers):
        if hasattr(module, "_apply_transforms"):
            module._apply_transforms = remember


def check_call(scope, body):
    """The operation, its caller, and what botocore has to object to."""
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
    operation = headers["x-amz-target"].partition(".")[2]
    members = json.loads(body)
    call = {"operation": operation, "index": members.get("IndexName"), "objections": []}
    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/\d{8}/([^/]+)/dynamodb/aws4_request, ?"
        r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})",
        headers.get("authorization", ""),
    )
    if not found:
        return call | {"objections": ["no signature of version 4 for DynamoDB"]}
    key, region, signed, signature = found.groups()
    call["caller"] = key
    signed = signed.split(";")
    must = {"host", *(name for name in headers if name.startswith("x-amz-"))}
    call["objections"] += [f"{name} is not signed" for name in sorted(must - set(signed))]
    account = key if re.fullmatch(r"\d{12}", key) else "000000000000"
    secret = getattr(iam_evaluator.resolve_credential(key, account), "secret_access_key", "")
    request = AWSRequest("POST", f"http://{headers['host']}/", {name: headers[name] for name in signed}, body)
    request.context["timestamp"] = headers["x-amz-date"]
    auth = SigV4Auth(Credentials(key, secret), "dynamodb", region)
    text = auth.string_to_sign(request, auth.canonical_request(request))
    if not hmac.compare_digest(auth.signature(text, request), signature):
        call["objections"].append("botocore calculates another signature")
    if operation not in MODEL.operation_names:
        return call | {"objections": [*call["objections"], f"there is no operation {operation}"]}
    report = ParamValidator().validate(members, MODEL.operation_model(operation).input_shape)
    if report.has_errors():
        call["objections"].append(report.generate_report())
    return call


async def app(scope, receive, send):
    if scope["type"] != "http":
        return await ministack.app(scope, receive, send)
    headers = dict(scope["headers"])
    if scope["server"][1] == FRONT_PORT:
        host = f"{newest_api()}.execute-api.localhost:{GATEWAY_PORT}".encode()
        scope = scope | {"headers": [pair for pair in scope["headers"] if pair[0] != b"host"]}
        scope["headers"].append((b"host", host))
    if not headers.get(b"x-amz-target", b"").startswith(b"DynamoDB_20120810."):
        return await ministack.app(scope, receive, send)
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    call = check_call(scope, body)
    sent = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def replay():
        return next(sent, None) or await receive()

    async def observe(message):
        if message["type"] == "http.response.start":
            call["status"] = message["status"]
        elif call.get("status") != 200:
            call["error"] = message.get("body", b"").decode(errors="replace")[:300]
        await send(message)

    try:
        await ministack.app(scope, replay, observe)
    finally:
        with WRITING:
            CALLS.write(json.dumps(call) + "\n")


def newest_api():
    keys = list(apigateway._apis.to_dict())
    return keys[-1][-1] if keys else "none"


async def main():
    name_unknown_resources()
    refuse_resources()
    transform_with_parameters()
    health = ministack._handle_health_request
    ministack._handle_health_request = lambda path, *rest: None if path == "/health" else health(path, *rest)
    config = Config()
    config.bind = [f"127.0.0.1:{port}" for port in (GATEWAY_PORT, FRONT_PORT)]
    config.keep_alive_timeout = 75
    await serve(app, config)


if __name__ == "__main__":
    asyncio.run(main())
