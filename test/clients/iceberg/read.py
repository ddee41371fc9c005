"""Prints a table as pyiceberg reads it, as JSON: read.py <catalog> <s3 endpoint> <table> [<row filter>]."""

import base64
import datetime
import decimal
import json
import sys
import uuid

from pyiceberg.catalog.rest import RestCatalog

catalog_url, s3_endpoint, name, *row_filter = sys.argv[1:]
catalog = RestCatalog(
    "test",
    uri=catalog_url,
    **{
        "s3.endpoint": s3_endpoint,
        "s3.access-key-id": "any",
        "s3.secret-access-key": "any",
        "s3.region": "us-east-1",
    },
)
table = catalog.load_table(name)
scan = table.scan(row_filter=row_filter[0]) if row_filter else table.scan()


def plain(value):
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (decimal.Decimal, uuid.UUID)):
        return str(value)
    # Exact in JSON as well.
    return str(value)


def exact(value):
    if isinstance(value, bool) or value is None or isinstance(value, (str, float)):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, list):
        # A map is read as a list of pairs.
        return [exact(one) for one in value]
    if isinstance(value, tuple):
        return [exact(one) for one in value]
    if isinstance(value, dict):
        return {key: exact(one) for key, one in value.items()}
    return plain(value)


print(
    json.dumps(
        {
            "rows": [exact(row) for row in scan.to_arrow().to_pylist()],
            "schema": {field.name: str(field.field_type) for field in table.schema().fields},
            "spec": [str(field.transform) for field in table.spec().fields],
            "snapshots": [
                {"operation": snapshot.summary.operation.value, **snapshot.summary.additional_properties}
                for snapshot in table.snapshots()
            ],
            "files": [
                {
                    "path": task.file.file_path,
                    "records": task.file.record_count,
                    "partition": [exact(task.file.partition[i]) for i in range(len(table.spec().fields))],
                }
                for task in scan.plan_files()
            ],
            "properties": table.properties,
        }
    )
)
