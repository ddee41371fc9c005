"""Databases, tables and versions of Glue's catalog with boto3; argument: the server's URL."""

import sys

import boto3

glue = boto3.client(
    "glue",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
)


def table(name, *columns):
    described = [{"Name": column, "Type": "bigint"} for column in columns]
    return {"Name": name, "StorageDescriptor": {"Columns": described, "Location": "s3://lake/"}, "Retention": 3}


glue.create_database(DatabaseInput={"Name": "Shop", "Parameters": {"k": "v"}}, Tags={"team": "data"})
assert glue.get_database(Name="shop")["Database"]["Parameters"] == {"k": "v"}
arn = "arn:aws:glue:us-east-1:000000000000:database/shop"
assert glue.get_tags(ResourceArn=arn)["Tags"] == {"team": "data"}
for number in range(7):
    glue.create_table(DatabaseName="shop", TableInput=table(f"orders_{number}", "id"))
pages = glue.get_paginator("get_tables").paginate(DatabaseName="shop", PaginationConfig={"PageSize": 3})
assert [found["Name"] for page in pages for found in page["TableList"]] == [f"orders_{number}" for number in range(7)]
glue.update_table(DatabaseName="shop", TableInput=table("orders_0", "id", "at"))
versions = glue.get_paginator("get_table_versions").paginate(DatabaseName="shop", TableName="orders_0")
assert [found["VersionId"] for page in versions for found in page["TableVersions"]] == ["1", "0"]
found = glue.get_table(DatabaseName="shop", Name="orders_0")["Table"]
assert [column["Name"] for column in found["StorageDescriptor"]["Columns"]] == ["id", "at"]
assert found["VersionId"] == "1" and found["Retention"] == 3 and found["CreateTime"] <= found["UpdateTime"]
try:
    glue.update_table(DatabaseName="shop", TableInput=table("orders_0"), VersionId="0")
    raise AssertionError("an old version was taken")
except glue.exceptions.ConcurrentModificationException:
    pass
try:
    glue.create_table(DatabaseName="shop", TableInput=table("ORDERS_0", "id"))
    raise AssertionError("a table was made twice")
except glue.exceptions.AlreadyExistsException:
    pass
glue.delete_database(Name="shop")
try:
    glue.get_table(DatabaseName="shop", Name="orders_0")
    raise AssertionError("a table is still there")
except glue.exceptions.EntityNotFoundException:
    print("ok")
