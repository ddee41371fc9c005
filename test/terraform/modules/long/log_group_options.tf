variable "step" {
  type = number
}

resource "aws_cloudwatch_log_group" "g" {
  name              = "log-group-options"
  log_group_class   = "STANDARD"
  retention_in_days = var.step == 1 ? 1 : 0
}
