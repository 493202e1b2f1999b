"""Where the checkout and the tests' data are, however deep a test file lies."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
DEPLOY = ROOT / "deploy"
