variable "step" {
  type = number
}

resource "aws_s3_bucket" "b" {
  bucket = "objects-options"
}

resource "aws_s3_object" "o" {
  bucket                 = aws_s3_bucket.b.id
  key                    = "a.json"
  content_base64         = base64encode("{}")
  content_type           = "application/json"
  cache_control          = "max-age=${var.step}"
  content_disposition    = "inline"
  content_encoding       = "identity"
  content_language       = "en"
  metadata               = { a = "b" }
  checksum_algorithm     = "SHA256"
  server_side_encryption = "AES256"
  storage_class          = "STANDARD"
  acl                    = "private"
}

resource "aws_s3_object_copy" "c" {
  bucket = aws_s3_bucket.b.id
  key    = "copy.json"
  source = "${aws_s3_bucket.b.id}/${aws_s3_object.o.key}"
}

resource "aws_s3_bucket_object" "old" {
  bucket  = aws_s3_bucket.b.id
  key     = "old.txt"
  content = "old ${var.step}"
}
