variable "step" {}

resource "aws_sqs_queue" "this" {
  name                       = "tf-mapped"
  visibility_timeout_seconds = 60
}

resource "aws_sqs_queue" "failed" {
  name = "tf-mapped-failed"
}

resource "aws_lambda_function" "this" {
  function_name = "tf-queue-mapping"
  role          = "arn:aws:iam::000000000000:role/f"
  handler       = "index.handler"
  runtime       = "nodejs22.x"
  filename      = "${path.module}/function.zip"

  dead_letter_config {
    target_arn = aws_sqs_queue.failed.arn
  }
}

resource "aws_lambda_event_source_mapping" "this" {
  event_source_arn                   = aws_sqs_queue.this.arn
  function_name                      = aws_lambda_function.this.arn
  batch_size                         = var.step == 1 ? 10 : 100
  maximum_batching_window_in_seconds = var.step == 1 ? 0 : 5
  function_response_types            = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.step + 1
  }

  filter_criteria {
    filter {
      pattern = jsonencode({ body = { step = [var.step] } })
    }
  }
}
