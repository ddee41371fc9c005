variable "step" {
  type = number
}

resource "aws_lambda_function" "f" {
  function_name    = "tf-mapping-full"
  role             = "arn:aws:iam::000000000000:role/r"
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")
  memory_size      = 128 * var.step
}

resource "aws_kinesis_stream" "s" {
  name        = "tf-mapping-full"
  shard_count = 1
}

resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn               = aws_kinesis_stream.s.arn
  function_name                  = aws_lambda_function.f.arn
  starting_position              = "LATEST"
  batch_size                     = 10 * var.step
  parallelization_factor         = 1
  bisect_batch_on_function_error = true
  maximum_retry_attempts         = 3
  maximum_record_age_in_seconds  = 3600
  tumbling_window_in_seconds     = 30
  tags                           = { step = tostring(var.step) }
  filter_criteria {
    filter {
      pattern = jsonencode({ data = { a = [1, var.step] } })
    }
  }
  destination_config {
    on_failure {
      destination_arn = "arn:aws:sns:us-east-1:000000000000:failures"
    }
  }
  metrics_config {
    metrics = ["EventCount"]
  }
}
