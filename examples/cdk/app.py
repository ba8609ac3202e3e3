"""Before: slim build runtime --output layer.zip; slim build app --output function.zip."""

import aws_cdk
from aws_cdk import aws_lambda

app = aws_cdk.App()
stack = aws_cdk.Stack(app, "App")
runtime = aws_lambda.LayerVersion(
    stack,
    "Runtime",
    code=aws_lambda.Code.from_asset("layer.zip"),
    compatible_runtimes=[aws_lambda.Runtime.PROVIDED_AL2023],
)
aws_lambda.Function(
    stack,
    "Function",
    runtime=aws_lambda.Runtime.PROVIDED_AL2023,
    handler="app",
    code=aws_lambda.Code.from_asset("function.zip"),
    layers=[runtime],
)
app.synth()
