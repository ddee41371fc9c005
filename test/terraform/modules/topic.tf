variable "step" {
  type = number
}

resource "aws_sns_topic" "orders" {
  name         = "topic-orders"
  display_name = "orders ${var.step}"
  tags         = { team = "data" }
}

resource "aws_sns_topic_subscription" "function" {
  topic_arn     = aws_sns_topic.orders.arn
  protocol      = "lambda"
  endpoint      = "arn:aws:lambda:us-east-1:000000000000:function:none"
  filter_policy = jsonencode({ kind = ["order", "refund-${var.step}"] })
}
