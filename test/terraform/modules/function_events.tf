variable "step" {
  type = number
}

resource "aws_lambda_function" "f" {
  function_name    = "tf-function-events"
  role             = "arn:aws:iam::000000000000:role/r"
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")
  memory_size      = 128 * var.step
}

resource "aws_lambda_function_event_invoke_config" "f" {
  function_name                = aws_lambda_function.f.function_name
  maximum_retry_attempts       = var.step
  maximum_event_age_in_seconds = 60 * var.step
}
