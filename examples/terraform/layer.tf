# Before: slim build runtime --output layer.zip --json layer.json

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

locals {
  slim = jsondecode(file("${path.module}/layer.json"))
}

resource "aws_lambda_layer_version" "runtime" {
  layer_name          = "runtime"
  filename            = "${path.module}/${local.slim.artifacts[0].name}"
  source_code_hash    = local.slim.artifacts[0].code_sha256
  compatible_runtimes = ["provided.al2023"]

  lifecycle {
    precondition {
      condition     = local.slim.written
      error_message = "The build of layer.json wrote no zip."
    }
    precondition {
      condition     = filebase64sha256("${path.module}/${local.slim.artifacts[0].name}") == local.slim.artifacts[0].code_sha256
      error_message = "The zip differs from the one that layer.json describes."
    }
  }
}
