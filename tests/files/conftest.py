# SPDX-License-Identifier: Apache-2.0
"""The result file that the C++ writer makes for these tests: one of everything."""
import os
import subprocess

import pytest


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "sample.h5"
    program = os.path.join(os.environ["VOLLEY_BUILD"], "tests", "test_files")
    subprocess.run([program, "--gtest_filter=ForPython.*"], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "VOLLEY_SAMPLE": str(path)})
    return str(path)


@pytest.fixture
def copy(sample, tmp_path):
    """A copy that a test may spoil."""
    path = tmp_path / "copy.h5"
    path.write_bytes(open(sample, "rb").read())
    return str(path)
