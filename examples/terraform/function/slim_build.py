"""What Terraform's external data source runs: builds a zip, and answers with its digest."""

import json
import subprocess
import sys

query = json.load(sys.stdin)
command = ["slim", "build", query["tree"], "--output", query["zip"], "--json", "-", "--quiet"]
done = subprocess.run([*command, *query["options"].split()], stdout=subprocess.PIPE, check=False)
if done.returncode:
    sys.exit(done.returncode)  # slim's lines are on standard error, where Terraform shows them
artifact = json.loads(done.stdout)["artifacts"][0]
json.dump({"zip": query["zip"], "code_sha256": artifact["code_sha256"]}, sys.stdout)
