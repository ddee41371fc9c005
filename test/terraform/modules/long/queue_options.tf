variable "step" {
  type = number
}

resource "aws_sqs_queue" "dead" {
  name                    = "options-dead"
  sqs_managed_sse_enabled = true
}

resource "aws_sqs_queue" "q" {
  name           = "options-queue"
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 3 + var.step })
  policy         = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:us-east-1:000000000000:options-queue", Principal = { AWS = "arn:aws:iam::000000000000:root" } }] })
}

resource "aws_sqs_queue" "allowing" {
  name                 = "options-allowing"
  redrive_allow_policy = jsonencode({ redrivePermission = "denyAll" })
}
