/** An application with a core, a leaf, plugins that are found by listing, and data that is read at import. */
export const EDITED = {
  "pytest.ini": "[pytest]\n",
  "conftest.py": "import pytest\n\n\n@pytest.fixture\ndef five():\n    return 5\n",
  "app/__init__.py": "",
  "app/core.py": "RATE = 2\n\n\ndef scale(x):\n    return x * RATE\n",
  "app/leaf.py": "from app.core import scale\n\nTWENTY = scale(10)\n\n\ndef six():\n    return scale(3)\n",
  "app/plugins/__init__.py": `
import importlib
import pkgutil

NAMES = sorted(module.name for module in pkgutil.iter_modules(__path__))
for name in NAMES:
    importlib.import_module(f"{__name__}.{name}")
`,
  "app/plugins/one.py": "",
  "app/data.json": '{"k": 1}',
  "app/data.py": `
import json
import os

FOLDER = os.path.dirname(__file__)
with open(os.path.join(FOLDER, "data.json")) as file:
    K = json.load(file)["k"]
SCRIPTS = [name for name in os.listdir(FOLDER) if name.endswith(".sql")]
`,
  "test_core.py": "from app.core import scale\n\n\ndef test_scale():\n    assert scale(2) == 4\n",
  "test_leaf.py":
    "from app.leaf import TWENTY, six\n\n\ndef test_six(five):\n    assert six() == five + 1\n\n\ndef test_twenty():\n    assert TWENTY == 20\n",
  "test_data.py": `
from app import data, plugins

try:
    import optional
except ImportError:
    optional = None


def test_data():
    assert data.K == 1


def test_scripts():
    assert data.SCRIPTS == []


def test_plugins():
    assert plugins.NAMES == ["one"]


def test_optional():
    assert optional is None
`,
} as const;
