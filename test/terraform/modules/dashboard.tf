variable "step" {
  type = number
}

resource "aws_cloudwatch_dashboard" "orders" {
  dashboard_name = "orders"
  dashboard_body = jsonencode({
    widgets = [{
      type   = "metric"
      x      = 0
      y      = 0
      width  = 12
      height = 6
      properties = {
        metrics = [["AWS/Kinesis", "IncomingRecords", "StreamName", "orders"]]
        period  = 60 * var.step
        region  = "us-east-1"
        title   = "Orders"
      }
    }]
  })
}
