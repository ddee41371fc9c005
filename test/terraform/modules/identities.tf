variable "step" {
  type = number
}

locals {
  actions = slice(["kinesis:PutRecord", "kinesis:PutRecords"], 0, var.step)
}

data "aws_caller_identity" "me" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "put" {
  statement {
    actions   = local.actions
    resources = ["arn:aws:kinesis:us-east-1:${data.aws_caller_identity.me.account_id}:stream/orders"]
  }
}

resource "aws_iam_role" "handler" {
  name                 = "handler"
  path                 = "/team/"
  description          = "of ${length(local.actions)}"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = aws_iam_policy.put.arn
  max_session_duration = 7200
  tags                 = { team = "data", actions = join(" ", local.actions) }
}

resource "aws_iam_role_policy" "handler" {
  name   = "put"
  role   = aws_iam_role.handler.id
  policy = data.aws_iam_policy_document.put.json
}

resource "aws_iam_policy" "put" {
  name        = "put"
  description = "puts records"
  policy      = data.aws_iam_policy_document.put.json
  tags        = { team = "data" }
}

resource "aws_iam_role_policy_attachment" "own" {
  role       = aws_iam_role.handler.name
  policy_arn = aws_iam_policy.put.arn
}

resource "aws_iam_role_policy_attachment" "of_aws" {
  role       = aws_iam_role.handler.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole"
}

resource "aws_iam_user" "ann" {
  name = "ann"
  tags = { team = "data" }
}

resource "aws_iam_user_policy" "ann" {
  name   = "put"
  user   = aws_iam_user.ann.name
  policy = data.aws_iam_policy_document.put.json
}

resource "aws_iam_access_key" "ann" {
  user = aws_iam_user.ann.name
}

resource "aws_iam_group" "writers" {
  name = "writers"
}

resource "aws_iam_group_policy_attachment" "writers" {
  group      = aws_iam_group.writers.name
  policy_arn = aws_iam_policy.put.arn
}

resource "aws_iam_user_group_membership" "ann" {
  user   = aws_iam_user.ann.name
  groups = [aws_iam_group.writers.name]
}

resource "aws_iam_instance_profile" "handler" {
  name = "handler"
  role = aws_iam_role.handler.name
  tags = { team = "data" }
}

data "aws_iam_principal_policy_simulation" "put" {
  policy_source_arn = aws_iam_user.ann.arn
  action_names      = ["kinesis:PutRecord"]
  resource_arns     = ["arn:aws:kinesis:us-east-1:${data.aws_caller_identity.me.account_id}:stream/orders"]
  depends_on        = [aws_iam_user_policy.ann]

  lifecycle {
    postcondition {
      condition     = self.all_allowed
      error_message = "The user's own policy allows kinesis:PutRecord."
    }
  }
}
