variable "step" {
  type = number
}

resource "aws_lambda_function" "f" {
  function_name    = "tf-mapping"
  role             = "arn:aws:iam::000000000000:role/r"
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")
  memory_size      = 128 * var.step
}

resource "aws_kinesis_stream" "s" {
  name        = "tf-mapping"
  shard_count = 1
}

resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn                   = aws_kinesis_stream.s.arn
  function_name                      = aws_lambda_function.f.arn
  starting_position                  = "TRIM_HORIZON"
  batch_size                         = 10 * var.step
  parallelization_factor             = 2
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = 3
  maximum_record_age_in_seconds      = 3600
  maximum_batching_window_in_seconds = var.step
  function_response_types            = ["ReportBatchItemFailures"]
}
