"""Two functions, whose zips slim makes while CDK synthesizes."""

import aws_cdk
from aws_cdk import aws_lambda
from slim_code import slim_code

app = aws_cdk.App()
stack = aws_cdk.Stack(app, "App")
aws_lambda.Function(
    stack,
    "Orders",
    runtime=aws_lambda.Runtime.PYTHON_3_13,
    handler="app.handler",
    code=slim_code("orders", "--requirements", "requirements.txt", "--target", "python3.13"),
)
aws_lambda.Function(
    stack,
    "Shop",
    runtime=aws_lambda.Runtime.NODEJS_22_X,
    handler="app.handler",
    code=slim_code("shop", "--npm", "package-lock.json", "--target", "nodejs22.x"),
)
app.synth()
