variable "step" {
  type = number
}

resource "aws_lambda_function" "f" {
  function_name    = "tf-function-weights"
  role             = "arn:aws:iam::000000000000:role/r"
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")
  description      = "version ${var.step}"
  publish          = true
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "half of the calls, from the second version on"
  function_name    = aws_lambda_function.f.function_name
  function_version = "1"
  dynamic "routing_config" {
    for_each = var.step == 1 ? [] : [aws_lambda_function.f.version]
    content {
      additional_version_weights = { (routing_config.value) = 0.5 }
    }
  }
}

resource "aws_kinesis_stream" "s" {
  name        = "tf-function-weights"
  shard_count = 1
}

resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn  = aws_kinesis_stream.s.arn
  function_name     = aws_lambda_alias.live.arn
  starting_position = "LATEST"
  batch_size        = 10 * var.step
  tags              = { step = tostring(var.step) }
}
