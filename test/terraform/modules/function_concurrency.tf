variable "step" {
  type = number
}

resource "aws_lambda_function" "f" {
  function_name    = "tf-function-concurrency"
  role             = "arn:aws:iam::000000000000:role/r"
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")
  memory_size      = 128 * var.step
  reserved_concurrent_executions = var.step
}
