variable "step" {}

resource "aws_sns_topic" "this" {
  name = "tf-queue-subscription"
}

resource "aws_sqs_queue" "this" {
  name = "tf-subscribed"
}

resource "aws_sqs_queue" "dead" {
  name = "tf-subscribed-dead"
}

resource "aws_sns_topic_subscription" "this" {
  topic_arn            = aws_sns_topic.this.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.this.arn
  raw_message_delivery = var.step == 1
  filter_policy        = jsonencode({ step = [tostring(var.step)] })
  redrive_policy       = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn })
}
