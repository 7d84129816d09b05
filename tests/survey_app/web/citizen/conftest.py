"""Fixtures of the citizen's pages."""

import pytest

from tests.sites import Site, build_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return build_site(tmp_path_factory.mktemp("citizen"))
