variable "step" {
  type = number
}

resource "aws_cloudwatch_metric_alarm" "idle" {
  alarm_name          = "idle"
  alarm_description   = "Nothing was put for ${var.step} minutes."
  namespace           = "AWS/Kinesis"
  metric_name         = "IncomingRecords"
  dimensions          = { StreamName = "orders" }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = var.step
  datapoints_to_alarm = 1
  threshold           = var.step
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = ["arn:aws:sns:us-east-1:000000000000:alarms"]
  tags                = { team = "data", step = tostring(var.step) }
}

resource "aws_cloudwatch_metric_alarm" "slow" {
  alarm_name                            = "slow"
  namespace                             = "AWS/Lambda"
  metric_name                           = "Duration"
  dimensions                            = { FunctionName = "orders" }
  extended_statistic                    = var.step == 1 ? "p99" : "p99.9"
  evaluate_low_sample_count_percentiles = var.step == 1 ? "evaluate" : "ignore"
  period                                = 60
  evaluation_periods                    = 1
  threshold                             = 1000
  comparison_operator                   = "GreaterThanThreshold"
}

resource "aws_cloudwatch_metric_alarm" "trimmed" {
  alarm_name          = "trimmed"
  namespace           = "AWS/Lambda"
  metric_name         = "Duration"
  extended_statistic  = "TM(2%:98%)"
  period              = 60
  evaluation_periods  = 1
  threshold           = 1000
  comparison_operator = "GreaterThanThreshold"
}
