"""Reads what a collector got with the published definitions of OTLP, and prints the names of metrics and spans."""

import base64
import json
import sys
from pathlib import Path

from google.protobuf.json_format import ParseDict
from google.protobuf.unknown_fields import UnknownFieldSet
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

IDS = ("traceId", "spanId", "parentSpanId")


def in_base64(value):
    """Ids are hexadecimal in OTLP's JSON, unlike in that of Protocol Buffers."""
    if isinstance(value, list):
        return [in_base64(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: base64.b64encode(bytes.fromhex(member)).decode() if name in IDS else in_base64(member)
        for name, member in value.items()
    }


def refuse_unknown(message):
    assert len(UnknownFieldSet(message)) == 0, message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for one in [value] if hasattr(value, "ListFields") else value:
                refuse_unknown(one)


def read(path):
    kind = ExportMetricsServiceRequest if "metrics" in path.name else ExportTraceServiceRequest
    if path.suffix == ".json":
        message = ParseDict(in_base64(json.loads(path.read_text())), kind())
    else:
        message = kind.FromString(path.read_bytes())
    refuse_unknown(message)
    if kind is ExportMetricsServiceRequest:
        return [one.name for of in message.resource_metrics for scope in of.scope_metrics for one in scope.metrics]
    spans = [one for of in message.resource_spans for scope in of.scope_spans for one in scope.spans]
    assert all(len(one.trace_id) == 16 and len(one.span_id) == 8 for one in spans)
    return [one.name for one in spans]


for path in sorted(Path(sys.argv[1]).iterdir()):
    print("\n".join(read(path)))
