"""What every installed plugin keeps."""

import pytest

from core import plugins
from core.testing import contract


@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", [ep.name for ep in plugins.installed()])
def test_plugin(name, check, make_app):
    check(contract.Plugin.of(name, make_app))
