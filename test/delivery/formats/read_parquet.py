"""Reads a Parquet file with pyarrow and with DuckDB, and prints what both see as JSON."""

import json
import sys

import duckdb
import pyarrow.parquet as parquet

path = sys.argv[1]
table = parquet.read_table(path)
columns = ", ".join(sys.argv[2:])
summary = duckdb.sql(f"select {columns} from '{path}'").fetchall()[0]


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(element) for element in value]
    if isinstance(value, dict):
        return {str(key): plain(member) for key, member in value.items()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else value.hex() if isinstance(value, bytes) else str(value)


print(
    json.dumps(
        {
            "types": {field.name: str(field.type) for field in table.schema},
            "rows": table.num_rows,
            "first": plain(table.slice(0, 3).to_pylist()),
            "summary": plain(summary),
        }
    )
)
