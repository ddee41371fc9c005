variable "step" {
  type = number
}

resource "aws_lambda_function" "f" {
  function_name    = "tf-mapping-since"
  role             = "arn:aws:iam::000000000000:role/r"
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")
}

resource "aws_kinesis_stream" "s" {
  name                      = "tf-mapping-since"
  shard_count               = 1
  enforce_consumer_deletion = true
}

resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn            = aws_kinesis_stream.s.arn
  function_name               = aws_lambda_function.f.arn
  starting_position           = "AT_TIMESTAMP"
  starting_position_timestamp = "2026-01-01T00:00:00Z"
  enabled                     = var.step == 1
  function_response_types     = ["ReportBatchItemFailures"]
}
