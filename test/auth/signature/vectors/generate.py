"""Writes vectors.json: requests that botocore signs, with each step of the signature.

The cases have the names and the ideas of the suites of botocore and aws-c-auth; keys, dates and requests are
theirs where they can be sent over HTTP at all, with paths and queries as clients send them, percent-encoded.

    python3 test/auth/signature/vectors/generate.py
"""

import json
import os

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEY = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
REGION = "us-east-1"
TIME = "20150830T123600Z"
HOST = "example.amazonaws.com"
AUTHS = {False: (SigV4Auth, SigV4QueryAuth), True: (S3SigV4Auth, S3SigV4QueryAuth)}

FORM = ("Content-Type", "application/x-www-form-urlencoded")


def vector(name, method="GET", target="/", headers=(), body="", service="service", token=None, token_after=False, expires=None):
    credentials = Credentials(KEY, SECRET, None if token_after else token)
    by_header, by_query = AUTHS[service == "s3"]
    auth = by_header(credentials, service, REGION) if expires is None else by_query(credentials, service, REGION, expires=expires)
    # A presigned URL says nothing of the body; botocore would put it into the query.
    request = AWSRequest(method=method, url=f"http://{HOST}{target}", data=body if expires is None else "")
    for header, value in headers:
        request.headers.add_header(header, value)
    request.context["timestamp"] = TIME
    auth._modify_request_before_signing(request)
    canonical = auth.canonical_request(request)
    to_sign = auth.string_to_sign(request, canonical)
    signature = auth.signature(to_sign, request)
    auth._inject_signature_to_request(request, signature)
    sent = [("Host", HOST), *request.headers.items()]
    if token_after:
        sent.append(("X-Amz-Security-Token", token))
    return {
        "name": name,
        "service": service,
        "method": method,
        "target": request.url.removeprefix(f"http://{HOST}"),
        "headers": [f"{header}: {value}" for header, value in sent if header != "Content-Length"],
        "body": body,
        **({"token": token} if token is not None else {}),
        "canonicalRequest": canonical,
        "stringToSign": to_sign,
        "signature": signature,
    }


SUITE = [
    vector("get-vanilla"),
    vector("get-vanilla-with-session-token", token=TOKEN),
    vector("get-vanilla-empty-query-key", target="/?Param1="),
    vector("get-vanilla-query", target="/?"),
    vector("get-vanilla-query-order-key", target="/?Param1=value2&Param1=Value1"),
    vector("get-vanilla-query-order-key-case", target="/?Param2=value2&Param1=value1"),
    vector("get-vanilla-query-order-value", target="/?Param1=value2&Param1=value1"),
    vector("get-vanilla-query-order-encoded", target="/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1"),
    vector(
        "get-vanilla-query-unreserved",
        target="/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    ),
    vector("get-vanilla-utf8-query", target="/?%E1%88%B4=bar"),
    vector("get-vanilla-query-equals", target="/?Param1=a%3Db&Param2=c%26d"),
    vector("get-unreserved", target="/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
    vector("get-utf8", target="/%E1%88%B4"),
    vector("get-space", target="/example%20space/"),
    vector("get-slash", target="//"),
    vector("get-slashes", target="//example//"),
    vector("get-slash-dot-slash", target="/./"),
    vector("get-slash-pointless-dot", target="/./example"),
    vector("get-relative", target="/example/.."),
    vector("get-relative-relative", target="/example1/example2/../.."),
    vector("normalize-path-dots-of-names", target="/a.b/..c/d..?x=1"),
    vector("get-encoded-slash", target="/a%2Fb/c"),
    vector("get-header-key-duplicate", headers=[("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")]),
    vector("get-header-value-order", headers=[("My-Header1", "value4"), ("My-Header1", "value1"), ("My-Header1", "value3"), ("My-Header1", "value2")]),
    vector("get-header-value-trim", headers=[("My-Header1", " value1"), ("My-Header2", ' "a   b   c"')]),
    vector("get-header-value-comma", headers=[("My-Header1", "a, b,c")]),
    vector("get-header-date", headers=[("X-Amz-Meta-Date", "Mon, 09 Sep 2011 23:36:00 GMT")]),
    vector("post-vanilla", method="POST"),
    vector("post-vanilla-empty-query-value", method="POST", target="/?Param1="),
    vector("post-vanilla-query", method="POST", target="/?Param1=value1"),
    vector("post-header-key-case", method="POST", headers=[("mY-hEADER1", "value1")]),
    vector("post-header-key-sort", method="POST", headers=[("My-Header1", "value1"), ("A-Header", "z")]),
    vector("post-header-value-case", method="POST", headers=[("My-Header1", "VALUE1")]),
    vector("post-x-www-form-urlencoded", method="POST", headers=[FORM], body="Param1=value1"),
    vector(
        "post-x-www-form-urlencoded-parameters",
        method="POST",
        headers=[("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
        body="Param1=value1",
    ),
    vector("post-sts-header-before", method="POST", token=TOKEN),
    vector("post-sts-header-after", method="POST", token=TOKEN, token_after=True),
    vector("get-vanilla-presigned", expires=3600),
    vector("get-space-presigned", target="/example%20space/?b=1&a=%2F", expires=3600),
    vector("post-sts-presigned", method="POST", token=TOKEN, expires=3600),
]

KINESIS = [("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", "Kinesis_20131202.CreateStream")]
CREATE = '{"StreamName":"vector","ShardCount":1}'

# Of the services, each of which would do something.
SERVICES = [
    vector("json", "POST", "/", KINESIS, CREATE, "kinesis"),
    vector("query", "POST", "/", [FORM], "Action=CreateTopic&Name=vector&Version=2010-03-31", "sns"),
    vector("rest-json", "PUT", "/2017-10-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Avector/concurrency?a=b%20c", [("Content-Type", "application/json")], '{"ReservedConcurrentExecutions":1}', "lambda"),
    vector("s3", "PUT", "/vector/a%20b/..//%C3%A4", [("X-Amz-Meta-Color", "red")], "content", "s3"),
    vector("s3-presigned", "PUT", "/vector/a%20b?x-id=PutObject", [], "content", "s3", expires=3600),
]

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "vectors.json"), "w") as file:
    json.dump({"suite": SUITE, "services": SERVICES}, file, indent=1)
    file.write("\n")
