# SPDX-License-Identifier: Apache-2.0
import pytest

from command import SMALL


@pytest.fixture
def small(tmp_path):
    (tmp_path / "small.yaml").write_text(SMALL)
    return tmp_path
