variable "step" {
  type = number
}

resource "aws_kinesis_stream" "orders" {
  name                = "orders"
  shard_count         = var.step
  retention_period    = 24 * (var.step + 1)
  shard_level_metrics = ["IncomingBytes", "OutgoingRecords"]
  tags                = { team = "data", step = tostring(var.step) }
}

resource "aws_kinesis_stream" "plain" {
  name        = "orders-plain"
  shard_count = 1
}

data "aws_kinesis_stream" "orders" {
  name = aws_kinesis_stream.orders.name
}

data "aws_caller_identity" "me" {}

data "aws_region" "here" {}

resource "terraform_data" "arn" {
  input = data.aws_kinesis_stream.orders.arn

  lifecycle {
    postcondition {
      condition     = self.input == "arn:aws:kinesis:${data.aws_region.here.name}:${data.aws_caller_identity.me.account_id}:stream/orders"
      error_message = "The data sources agree with the resource."
    }
  }
}
