variable "step" {
  type = number
}

resource "aws_cloudwatch_metric_alarm" "slow" {
  alarm_name                = "slow"
  namespace                 = "AWS/Lambda"
  metric_name               = "Duration"
  statistic                 = "Maximum"
  unit                      = "Milliseconds"
  period                    = 60
  evaluation_periods        = 2
  threshold                 = 5 * var.step
  comparison_operator       = "GreaterThanThreshold"
  actions_enabled           = var.step == 1
  ok_actions                = ["arn:aws:sns:us-east-1:000000000000:ok"]
  insufficient_data_actions = ["arn:aws:sns:us-east-1:000000000000:unknown"]
}
