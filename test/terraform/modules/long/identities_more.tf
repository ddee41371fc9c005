variable "step" {
  type = number
}

data "aws_iam_policy_document" "put" {
  statement {
    actions   = ["kinesis:PutRecord"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_account_alias" "a" {
  account_alias = "acme-${var.step}"
}

resource "aws_iam_policy" "put" {
  name   = "more-put"
  path   = "/team/"
  policy = data.aws_iam_policy_document.put.json
}

resource "aws_iam_policy" "everywhere" {
  name   = "more-everywhere"
  policy = data.aws_iam_policy_document.put.json
}

resource "aws_iam_user" "ann" {
  name                 = "more-ann"
  path                 = "/team/"
  force_destroy        = true
  permissions_boundary = aws_iam_policy.put.arn
}

resource "aws_iam_user_policy_attachment" "ann" {
  user       = aws_iam_user.ann.name
  policy_arn = aws_iam_policy.put.arn
}

resource "aws_iam_user_policy_attachments_exclusive" "ann" {
  user_name   = aws_iam_user.ann.name
  policy_arns = [aws_iam_user_policy_attachment.ann.policy_arn]
}

resource "aws_iam_user_policies_exclusive" "ann" {
  user_name    = aws_iam_user.ann.name
  policy_names = []
}

resource "aws_iam_access_key" "ann" {
  user   = aws_iam_user.ann.name
  status = var.step == 1 ? "Active" : "Inactive"
}

resource "aws_iam_group" "writers" {
  name = "more-writers"
  path = "/team/"
}

resource "aws_iam_group_policy" "writers" {
  name   = "put"
  group  = aws_iam_group.writers.name
  policy = data.aws_iam_policy_document.put.json
}

resource "aws_iam_group_policies_exclusive" "writers" {
  group_name   = aws_iam_group.writers.name
  policy_names = [aws_iam_group_policy.writers.name]
}

resource "aws_iam_group_policy_attachments_exclusive" "writers" {
  group_name  = aws_iam_group.writers.name
  policy_arns = []
}

resource "aws_iam_group_membership" "writers" {
  name  = "writers"
  group = aws_iam_group.writers.name
  users = [aws_iam_user.ann.name]
}

resource "aws_iam_role" "handler" {
  name                  = "more-handler"
  force_detach_policies = true
  assume_role_policy    = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "handler" {
  name   = "put"
  role   = aws_iam_role.handler.name
  policy = data.aws_iam_policy_document.put.json
}

resource "aws_iam_role_policies_exclusive" "handler" {
  role_name    = aws_iam_role.handler.name
  policy_names = [aws_iam_role_policy.handler.name]
}

resource "aws_iam_role" "listed" {
  name               = "more-listed"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachments_exclusive" "listed" {
  role_name   = aws_iam_role.listed.name
  policy_arns = [aws_iam_policy.put.arn]
}

resource "aws_iam_policy_attachment" "everywhere" {
  name       = "everywhere"
  roles      = [aws_iam_role.handler.name]
  policy_arn = aws_iam_policy.everywhere.arn
}

resource "aws_iam_openid_connect_provider" "issuer" {
  url             = "https://token.example.com"
  client_id_list  = var.step == 1 ? ["a"] : ["a", "b"]
  thumbprint_list = ["cf23df2207d99a74fbe169e3eba035e633b65d94"]
}
