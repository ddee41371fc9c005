variable "step" {
  type = number
}

resource "aws_lambda_function" "f" {
  function_name    = "tf-function-grants"
  role             = "arn:aws:iam::000000000000:role/r"
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")
  publish          = true
}

resource "aws_lambda_permission" "p" {
  function_name       = aws_lambda_function.f.function_name
  qualifier           = aws_lambda_function.f.version
  action              = "lambda:InvokeFunction"
  principal           = "s3.amazonaws.com"
  source_account      = "000000000000"
  source_arn          = "arn:aws:s3:::bucket-${var.step}"
  statement_id_prefix = "p-"
}

resource "aws_lambda_permission" "org" {
  function_name    = aws_lambda_function.f.function_name
  action           = "lambda:InvokeFunction"
  principal        = "*"
  principal_org_id = "o-abcdefghij"
}

resource "aws_lambda_permission" "token" {
  function_name      = aws_lambda_function.f.function_name
  action             = "lambda:InvokeFunction"
  principal          = "alexa-appkit.amazon.com"
  event_source_token = "token"
}
