variable "step" {
  type = number
}

resource "aws_s3_bucket" "lake" {
  bucket = "destinations-lake"
}

resource "aws_kinesis_firehose_delivery_stream" "processed" {
  name        = "processed"
  destination = "extended_s3"
  extended_s3_configuration {
    role_arn   = "arn:aws:iam::000000000000:role/r"
    bucket_arn = aws_s3_bucket.lake.arn
    processing_configuration {
      enabled = true
      processors {
        type = "Decompression"
        parameters {
          parameter_name  = "CompressionFormat"
          parameter_value = "GZIP"
        }
      }
      processors {
        type = "Lambda"
        parameters {
          parameter_name  = "LambdaArn"
          parameter_value = "arn:aws:lambda:us-east-1:000000000000:function:transform:$LATEST"
        }
      }
      processors {
        type = "AppendDelimiterToRecord"
      }
    }
  }
}

resource "aws_kinesis_firehose_delivery_stream" "posted" {
  name        = "posted"
  destination = "http_endpoint"
  http_endpoint_configuration {
    url                = "https://example.com/records"
    name               = "example"
    access_key         = "key-${var.step}"
    buffering_size     = 5
    buffering_interval = 60
    role_arn           = "arn:aws:iam::000000000000:role/r"
    s3_backup_mode     = "FailedDataOnly"
    request_configuration {
      content_encoding = "GZIP"
      common_attributes {
        name  = "env"
        value = "test"
      }
    }
    s3_configuration {
      role_arn           = "arn:aws:iam::000000000000:role/r"
      bucket_arn         = aws_s3_bucket.lake.arn
      compression_format = "GZIP"
    }
    processing_configuration {
      enabled = true
      processors {
        type = "Lambda"
        parameters {
          parameter_name  = "LambdaArn"
          parameter_value = "arn:aws:lambda:us-east-1:000000000000:function:transform:$LATEST"
        }
        parameters {
          parameter_name  = "BufferSizeInMBs"
          parameter_value = "0.5"
        }
        parameters {
          parameter_name  = "BufferIntervalInSeconds"
          parameter_value = "30"
        }
      }
    }
  }
}

resource "aws_kinesis_firehose_delivery_stream" "appended" {
  name        = "appended"
  destination = "iceberg"
  iceberg_configuration {
    role_arn           = "arn:aws:iam::000000000000:role/r"
    catalog_arn        = "arn:aws:glue:us-east-1:000000000000:catalog"
    buffering_size     = 10
    buffering_interval = 60
    s3_configuration {
      role_arn   = "arn:aws:iam::000000000000:role/r"
      bucket_arn = aws_s3_bucket.lake.arn
    }
    destination_table_configuration {
      database_name = "shop"
      table_name    = "orders"
    }
  }
}
