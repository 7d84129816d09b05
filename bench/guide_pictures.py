"""`python -m bench.guide_pictures`: the pictures of the guides, taken anew by the test that walks them."""

import os
import sys

import pytest

from config import ROOT

if __name__ == "__main__":
    os.environ["GUIDE_PICTURES"] = "write"
    sys.exit(pytest.main(["-q", str(ROOT / "tests" / "journeys" / "test_guides.py")]))
