"""A bundling hook for CDK: `cdk synth` and `cdk deploy` run slim, and take the zip as it is."""

import subprocess
from pathlib import Path

import aws_cdk
import jsii
from aws_cdk import aws_lambda


@jsii.implements(aws_cdk.ILocalBundling)
class SlimBundling:
    """Runs slim build on this machine, where CDK would start a container."""

    def __init__(self, tree: str, options: list[str]) -> None:
        self._tree, self._options = tree, options

    def try_bundle(self, output_dir: str, *_: object, **__: object) -> bool:
        """Write the zip into the folder that CDK names; CDK takes it as it is."""
        zip_file = Path(output_dir, "function.zip")
        subprocess.run(
            ["slim", "build", self._tree, "--output", str(zip_file), *self._options], check=True
        )
        return True


def slim_code(tree: str, *options: str) -> aws_lambda.Code:
    """Return the code of a function: what slim build makes of a folder with these options."""
    return aws_lambda.Code.from_asset(
        tree,
        asset_hash_type=aws_cdk.AssetHashType.OUTPUT,  # equal zips have equal names
        bundling=aws_cdk.BundlingOptions(
            image=aws_cdk.DockerImage.from_registry("unused"),
            local=SlimBundling(tree, list(options)),
            output_type=aws_cdk.BundlingOutput.ARCHIVED,
        ),
    )
