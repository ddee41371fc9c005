variable "step" {
  type = number
}

resource "aws_lambda_layer_version" "l" {
  layer_name               = "layer-options"
  filename                 = "${path.module}/function.zip"
  source_code_hash         = filebase64sha256("${path.module}/function.zip")
  compatible_architectures = ["x86_64"]
  compatible_runtimes      = ["nodejs22.x"]
  license_info             = "MIT"
  description              = "step ${var.step}"
  skip_destroy             = false
}
