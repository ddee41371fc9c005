variable "step" {
  type = number
}

locals {
  more_columns = slice(["address"], 0, var.step - 1)
}

resource "aws_glue_catalog_database" "shop" {
  name        = "shop"
  description = "sold"
  tags        = { team = "data" }
}

resource "aws_glue_catalog_table" "orders" {
  name          = "orders"
  database_name = aws_glue_catalog_database.shop.name
  table_type    = "EXTERNAL_TABLE"
  parameters    = { classification = "parquet" }
  partition_keys {
    name = "dt"
    type = "string"
  }
  storage_descriptor {
    location      = "s3://lake/orders/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
    ser_de_info {
      name                  = "p"
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
      parameters            = { "serialization.format" = 1 }
    }
    columns {
      name    = "id"
      type    = "bigint"
      comment = ""
    }
    dynamic "columns" {
      for_each = local.more_columns
      content {
        name = columns.value
        type = "struct<a:string>"
      }
    }
  }
}

resource "aws_kinesis_firehose_delivery_stream" "orders" {
  name        = "tables-orders"
  destination = "extended_s3"
  extended_s3_configuration {
    role_arn       = "arn:aws:iam::000000000000:role/any"
    bucket_arn     = "arn:aws:s3:::lake"
    buffering_size = 128
    data_format_conversion_configuration {
      input_format_configuration {
        deserializer {
          open_x_json_ser_de {}
        }
      }
      output_format_configuration {
        serializer {
          parquet_ser_de {}
        }
      }
      schema_configuration {
        database_name = aws_glue_catalog_table.orders.database_name
        table_name    = aws_glue_catalog_table.orders.name
        role_arn      = "arn:aws:iam::000000000000:role/any"
      }
    }
  }
}
