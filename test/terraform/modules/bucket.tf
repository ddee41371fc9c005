variable "step" {
  type = number
}

resource "aws_s3_bucket" "plain" {
  bucket        = "bucket-plain"
  force_destroy = true
}

resource "aws_s3_object" "hello" {
  bucket  = aws_s3_bucket.plain.id
  key     = "a/b.txt"
  content = "hello ${var.step}"
}

resource "aws_s3_bucket" "tagged" {
  bucket = "bucket-tagged"
  tags   = { step = tostring(var.step) }
}

resource "aws_s3_bucket_public_access_block" "tagged" {
  bucket                  = aws_s3_bucket.tagged.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "tagged" {
  bucket = aws_s3_bucket.tagged.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "tagged" {
  bucket = aws_s3_bucket.tagged.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}
