variable "step" {
  type = number
}

resource "aws_lambda_function" "f" {
  function_name    = "tf-function-permission"
  role             = "arn:aws:iam::000000000000:role/r"
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")
  memory_size      = 128 * var.step
}

resource "aws_lambda_permission" "topic" {
  statement_id  = "topic"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.f.function_name
  principal     = "sns.amazonaws.com"
  source_arn    = "arn:aws:sns:us-east-1:000000000000:orders"
}

# By its ARN: on AWS too, the provider would replace a permission of a plain account ID in every plan.
resource "aws_lambda_permission" "account" {
  statement_id  = "account"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.f.function_name
  principal     = "arn:aws:iam::111122223333:root"
}
