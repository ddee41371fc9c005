variable "step" {
  type = number
}

resource "aws_s3_bucket" "b" {
  bucket = "formats-fire"
}

resource "aws_glue_catalog_database" "d" {
  name = "formats"
}

resource "aws_glue_catalog_table" "t" {
  name          = "t"
  database_name = aws_glue_catalog_database.d.name
  storage_descriptor {
    columns {
      name = "a"
      type = "string"
    }
  }
}

resource "aws_kinesis_firehose_delivery_stream" "p" {
  name        = "formats-parquet"
  destination = "extended_s3"
  server_side_encryption {
    enabled  = var.step == 2
    key_type = "AWS_OWNED_CMK"
  }
  extended_s3_configuration {
    role_arn         = "arn:aws:iam::000000000000:role/r"
    bucket_arn       = aws_s3_bucket.b.arn
    buffering_size   = 64
    custom_time_zone = "Europe/Berlin"
    file_extension   = ".parquet"
    data_format_conversion_configuration {
      input_format_configuration {
        deserializer {
          open_x_json_ser_de {
            case_insensitive                         = true
            column_to_json_key_mappings              = { a = "b" }
            convert_dots_in_json_keys_to_underscores = true
          }
        }
      }
      output_format_configuration {
        serializer {
          parquet_ser_de {
            block_size_bytes              = 67108864
            compression                   = "GZIP"
            enable_dictionary_compression = true
            max_padding_bytes             = 0
            page_size_bytes               = 65536
            writer_version                = "V1"
          }
        }
      }
      schema_configuration {
        database_name = aws_glue_catalog_database.d.name
        table_name    = aws_glue_catalog_table.t.name
        role_arn      = "arn:aws:iam::000000000000:role/r"
        catalog_id    = "000000000000"
        version_id    = "LATEST"
      }
    }
  }
}

resource "aws_kinesis_firehose_delivery_stream" "h" {
  name        = "formats-http"
  destination = "http_endpoint"
  http_endpoint_configuration {
    name           = "example"
    url            = "https://example.com/records"
    retry_duration = 60 * var.step
    role_arn       = "arn:aws:iam::000000000000:role/r"
    s3_configuration {
      role_arn   = "arn:aws:iam::000000000000:role/r"
      bucket_arn = aws_s3_bucket.b.arn
    }
  }
}

resource "aws_kinesis_firehose_delivery_stream" "hive" {
  name        = "formats-hive"
  destination = "extended_s3"
  extended_s3_configuration {
    role_arn       = "arn:aws:iam::000000000000:role/r"
    bucket_arn     = aws_s3_bucket.b.arn
    buffering_size = 64
    data_format_conversion_configuration {
      input_format_configuration {
        deserializer {
          hive_json_ser_de {
            timestamp_formats = ["millis"]
          }
        }
      }
      output_format_configuration {
        serializer {
          parquet_ser_de {}
        }
      }
      schema_configuration {
        database_name = aws_glue_catalog_database.d.name
        table_name    = aws_glue_catalog_table.t.name
        role_arn      = "arn:aws:iam::000000000000:role/r"
      }
    }
  }
}
