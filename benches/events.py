"""Events as API Gateway's HTTP API sends them for a browser's requests."""

import base64
import json

API = "/todo/api/v1.0"
MIGUEL = "Basic " + base64.b64encode(b"miguel:python").decode()
HOST = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def event(method, path, authorization=None, body=None, query="", address="203.0.113.7"):
    """The event of a request, as bytes. `path` is relative to the API's root."""
    headers = {
        "accept": "application/json",
        "accept-encoding": "gzip, deflate, br, zstd",
        "accept-language": "en-GB,en;q=0.7,de;q=0.3",
        "content-length": "0",
        "host": HOST,
        "referer": f"https://{HOST}/",
        **{"sec-fetch-dest": "empty", "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin"},
        "user-agent": AGENT,
        "x-amzn-trace-id": "Root=1-6921a3f0-4f2c8d1e5b6a79880c1d2e3f",
        "x-forwarded-for": address,
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    }
    if authorization:
        headers["authorization"] = authorization
    payload = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": API + path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": HOST,
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": method,
                "path": API + path,
                "protocol": "HTTP/1.1",
                "sourceIp": address,
                "userAgent": AGENT,
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "22/Nov/2026:08:00:00 +0000",
            "timeEpoch": 1795334400000,
        },
        "isBase64Encoded": False,
    }
    if query:
        pairs = (pair.partition("=") for pair in query.split("&"))
        payload["queryStringParameters"] = {name: value for name, _, value in pairs}
    if body is not None:
        payload["body"] = json.dumps(body)
        headers["content-type"] = "application/json"
        headers["content-length"] = str(len(payload["body"]))
    return json.dumps(payload, separators=(",", ":")).encode()


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
