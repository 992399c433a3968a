"""The AsyncAPI document, read by the AsyncAPI project's own parser where it is there.

``ASYNCAPI_PARSER_DIR`` names a folder in which ``tests/support/asyncapi`` was installed with npm.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from broker.cli.events import app
from broker.transform.schemas.data import PUBLISHED

_NEWER = "asyncapi-latest-version"
_PATIENCE_S = 1200


@pytest.mark.timeout(_PATIENCE_S)  # the parser is thorough: most of a minute where nothing else runs
def test_the_projects_own_parser_takes_the_document() -> None:
    """It finds nothing wrong, examples against their schemas included, and sees every message."""
    folder = os.environ.get("ASYNCAPI_PARSER_DIR", "")
    node = shutil.which("node")
    if not folder or node is None:
        pytest.skip("the AsyncAPI document was not read by the AsyncAPI parser: ASYNCAPI_PARSER_DIR or node is missing")
    text = CliRunner().invoke(app, ["asyncapi"]).stdout.encode()
    done = subprocess.run(
        [node, "check.js"], cwd=Path(folder), input=text, capture_output=True, timeout=_PATIENCE_S, check=True
    )

    said = json.loads(done.stdout)

    # A note that a later version of the specification exists is no finding.
    assert [each for each in said["diagnostics"] if each["code"] != _NEWER] == []
    assert set(said["messages"]) >= set(PUBLISHED)
    print(f"the AsyncAPI parser read {len(said['messages'])} messages and found nothing wrong")  # noqa: T201  as told
