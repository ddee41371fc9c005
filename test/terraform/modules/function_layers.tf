variable "step" {
  type = number
}

resource "aws_s3_bucket" "code" {
  bucket = "tf-function-layers"
}

resource "aws_s3_object" "layer" {
  bucket = aws_s3_bucket.code.id
  key    = "layer.zip"
  source = "${path.module}/function.zip"
}

resource "aws_lambda_layer_version" "own" {
  layer_name          = "tf-own"
  filename            = "${path.module}/function.zip"
  description         = "version ${var.step}"
  compatible_runtimes = ["nodejs22.x"]
  license_info        = "MIT"
}

resource "aws_lambda_layer_version" "stored" {
  layer_name = "tf-stored"
  s3_bucket  = aws_s3_bucket.code.id
  s3_key     = aws_s3_object.layer.key
}

resource "aws_lambda_function" "f" {
  function_name = "tf-function-layers"
  role          = "arn:aws:iam::000000000000:role/r"
  runtime       = "nodejs22.x"
  handler       = "index.handler"
  s3_bucket     = aws_s3_bucket.code.id
  s3_key        = aws_s3_object.layer.key
  layers        = [aws_lambda_layer_version.own.arn, aws_lambda_layer_version.stored.arn]
}
