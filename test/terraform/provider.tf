# What a user writes for nagare: everything else of their modules stays as it is. The endpoint is AWS_ENDPOINT_URL.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                  = "us-east-1"
  access_key              = "test"
  secret_key              = "test"
  skip_metadata_api_check = true
  s3_use_path_style       = true

  default_tags {
    tags = { by = "terraform" }
  }
}

variable "step" {
  type    = number
  default = 1
}
