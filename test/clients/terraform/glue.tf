terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  endpoints {
    glue = var.endpoint
  }
}

variable "endpoint" {}

variable "more_columns" {
  type    = list(string)
  default = []
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
      for_each = var.more_columns
      content {
        name = columns.value
        type = "struct<a:string>"
      }
    }
  }
}
