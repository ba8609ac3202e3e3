# `terraform plan` runs slim, and deploys the function only when its zip's digest is another.
# slim_build.py lies beside this file.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
    external = {
      source = "hashicorp/external"
    }
  }
}

variable "role" {
  description = "The ARN of the function's role."
}

data "external" "app" {
  program     = ["python3", "${path.module}/slim_build.py"]
  working_dir = path.module
  query = {
    tree    = "app"
    zip     = "app.zip"
    options = "--target python3.13 --arch arm64 --max 50MB"
  }
}

resource "aws_lambda_function" "app" {
  function_name    = "app"
  role             = var.role
  handler          = "app.handler"
  runtime          = "python3.13"
  architectures    = ["arm64"]
  filename         = "${path.module}/${data.external.app.result.zip}"
  source_code_hash = data.external.app.result.code_sha256
}
