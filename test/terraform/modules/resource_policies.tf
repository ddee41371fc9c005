variable "step" {
  type = number
}

locals {
  account = "11112222333${var.step}"
}

data "aws_caller_identity" "me" {}

resource "aws_kinesis_stream" "orders" {
  name        = "resource-policies"
  shard_count = 1
}

resource "aws_kinesis_stream_consumer" "reader" {
  name       = "reader"
  stream_arn = aws_kinesis_stream.orders.arn
}

data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:GetRecords", "kinesis:GetShardIterator"]
    resources = [aws_kinesis_stream.orders.arn]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root"]
    }
  }
}

resource "aws_kinesis_resource_policy" "orders" {
  resource_arn = aws_kinesis_stream.orders.arn
  policy       = data.aws_iam_policy_document.read.json
}

data "aws_iam_policy_document" "subscribe" {
  statement {
    actions   = ["kinesis:DescribeStreamConsumer", "kinesis:SubscribeToShard"]
    resources = [aws_kinesis_stream_consumer.reader.arn]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root"]
    }
  }
}

resource "aws_kinesis_resource_policy" "reader" {
  resource_arn = aws_kinesis_stream_consumer.reader.arn
  policy       = data.aws_iam_policy_document.subscribe.json
}

resource "aws_sns_topic" "orders" {
  name           = "resource-policies"
  display_name   = "Orders"
  tracing_config = "PassThrough"
  tags           = { team = "data" }
}

data "aws_iam_policy_document" "publish" {
  statement {
    sid       = "alarms"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.orders.arn]
    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.me.account_id, local.account]
    }
  }
}

resource "aws_sns_topic_policy" "orders" {
  arn    = aws_sns_topic.orders.arn
  policy = data.aws_iam_policy_document.publish.json
}

resource "aws_s3_bucket" "archive" {
  bucket = "resource-policies"
  tags   = { team = "data" }
}

resource "aws_s3_bucket_public_access_block" "archive" {
  bucket                  = aws_s3_bucket.archive.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = var.step == 1
}

resource "aws_s3_bucket_ownership_controls" "archive" {
  bucket = aws_s3_bucket.archive.id
  rule {
    object_ownership = "BucketOwnerPreferred"
  }
}

resource "aws_s3_bucket_acl" "archive" {
  bucket     = aws_s3_bucket.archive.id
  acl        = "private"
  depends_on = [aws_s3_bucket_ownership_controls.archive]
}

data "aws_iam_policy_document" "archive" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.archive.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = [local.account]
    }
  }
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.archive.arn, "${aws_s3_bucket.archive.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "archive" {
  bucket = aws_s3_bucket.archive.id
  policy = data.aws_iam_policy_document.archive.json
}
