variable "step" {
  type = number
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/app/orders"
  retention_in_days = var.step == 1 ? 7 : 14
  tags              = { step = tostring(var.step) }
}

resource "aws_cloudwatch_log_group" "kept" {
  name = "/app/kept"
}

resource "aws_cloudwatch_log_stream" "app" {
  name           = "one"
  log_group_name = aws_cloudwatch_log_group.app.name
}

data "aws_cloudwatch_log_group" "app" {
  name = aws_cloudwatch_log_group.app.name
}
