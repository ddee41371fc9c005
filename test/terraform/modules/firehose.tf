variable "step" {
  type = number
}

resource "aws_s3_bucket" "lake" {
  bucket = "firehose-lake"
}

resource "aws_kinesis_stream" "orders" {
  name        = "firehose-orders"
  shard_count = 1
}

resource "aws_kinesis_firehose_delivery_stream" "orders" {
  name        = "firehose-orders"
  destination = "extended_s3"
  kinesis_source_configuration {
    kinesis_stream_arn = aws_kinesis_stream.orders.arn
    role_arn           = "arn:aws:iam::000000000000:role/r"
  }
  extended_s3_configuration {
    role_arn            = "arn:aws:iam::000000000000:role/r"
    bucket_arn          = aws_s3_bucket.lake.arn
    buffering_size      = 64
    buffering_interval  = 30 + 30 * var.step
    prefix              = "orders/!{partitionKeyFromQuery:customer}/"
    error_output_prefix = "errors/!{firehose:error-output-type}/"
    dynamic_partitioning_configuration {
      enabled = true
    }
    processing_configuration {
      enabled = true
      processors {
        type = "MetadataExtraction"
        parameters {
          parameter_name  = "JsonParsingEngine"
          parameter_value = "JQ-1.6"
        }
        parameters {
          parameter_name  = "MetadataExtractionQuery"
          parameter_value = "{customer: .customer}"
        }
      }
    }
    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = "/aws/kinesisfirehose/orders"
      log_stream_name = "DestinationDelivery"
    }
    s3_backup_mode = "Enabled"
    s3_backup_configuration {
      role_arn           = "arn:aws:iam::000000000000:role/r"
      bucket_arn         = aws_s3_bucket.lake.arn
      prefix             = "backup/"
      compression_format = "GZIP"
    }
  }
  tags = { team = "shop" }
}

resource "aws_kinesis_firehose_delivery_stream" "clicks" {
  name        = "firehose-clicks"
  destination = "extended_s3"
  server_side_encryption {
    enabled = true
  }
  extended_s3_configuration {
    role_arn   = "arn:aws:iam::000000000000:role/r"
    bucket_arn = aws_s3_bucket.lake.arn
  }
}
