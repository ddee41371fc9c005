variable "step" {
  type = number
}

resource "aws_sns_topic" "t" {
  name              = "topic-options"
  signature_version = var.step
  delivery_policy   = jsonencode({ http = { defaultHealthyRetryPolicy = { minDelayTarget = 20, maxDelayTarget = 20, numRetries = 3, numMaxDelayRetries = 0, numNoDelayRetries = 0, numMinDelayRetries = 0, backoffFunction = "linear" } } })
  policy            = jsonencode({ Version = "2012-10-17", Id = "p", Statement = [{ Sid = "a", Effect = "Allow", Action = "SNS:Publish", Resource = "arn:aws:sns:us-east-1:000000000000:topic-options", Principal = { AWS = "arn:aws:iam::000000000000:root" } }] })
}

resource "aws_sns_topic_subscription" "body" {
  topic_arn           = aws_sns_topic.t.arn
  protocol            = "lambda"
  endpoint            = "arn:aws:lambda:us-east-1:000000000000:function:none"
  filter_policy_scope = "MessageBody"
  filter_policy       = jsonencode({ kind = ["order"] })
}
