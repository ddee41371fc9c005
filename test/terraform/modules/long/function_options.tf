variable "step" {
  type = number
}

resource "aws_sqs_queue" "q" {
  name = "tf-function-options"
}

resource "aws_cloudwatch_log_group" "f" {
  name = "tf-function-options"
}

resource "aws_lambda_function" "f" {
  function_name    = "tf-function-options"
  role             = "arn:aws:iam::000000000000:role/r"
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")
  architectures    = ["x86_64"]
  package_type     = "Zip"
  ephemeral_storage {
    size = 512
  }
  tracing_config {
    mode = "PassThrough"
  }
  logging_config {
    log_format            = "JSON"
    application_log_level = var.step == 1 ? "DEBUG" : "WARN"
    system_log_level      = "INFO"
    log_group             = aws_cloudwatch_log_group.f.name
  }
  dead_letter_config {
    target_arn = aws_sqs_queue.q.arn
  }
}

resource "aws_lambda_function_event_invoke_config" "f" {
  function_name = aws_lambda_function.f.function_name
  qualifier     = "$LATEST"
  destination_config {
    on_failure {
      destination = aws_sqs_queue.q.arn
    }
    on_success {
      destination = aws_sqs_queue.q.arn
    }
  }
}

resource "aws_lambda_runtime_management_config" "f" {
  function_name     = aws_lambda_function.f.function_name
  update_runtime_on = "Auto"
}

resource "aws_lambda_invocation" "f" {
  function_name = aws_lambda_function.f.function_name
  input         = jsonencode({ step = var.step })
}
