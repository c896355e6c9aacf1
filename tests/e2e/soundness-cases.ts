/** Ways in which a test can depend on a file, each with edits of one file that leave an outcome other than at first. */
export interface SoundnessCase {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly edits: readonly Readonly<Record<string, string | null>>[];
  readonly args?: readonly string[];
}

const BASE = `
REGISTRY = []
class Base:
    def __init_subclass__(cls):
        REGISTRY.append(cls)
`;
const TEST_REGISTRY = `
from app.base import REGISTRY
def test_registered():
    assert [each().price() for each in REGISTRY] == [5]
`;
const MODELS = "class Order:\n    limit = 0\n    rate = 0\n";
const TEST_ORDER = "from app.models import Order\ndef test_limit():\n    assert Order.limit == 5\n";
/** Imported by a test file alone: nobody else's text leads to it. */
const IMPORTS_EXTENSION = "import app.extension\ndef test_there():\n    pass\n";

export const SOUNDNESS: readonly SoundnessCase[] = [
  {
    name: "state of one module that is read through another",
    files: {
      "app/state.py": "VALUE = 5\n",
      "app/reader.py": "from app import state\ndef get():\n    return state.VALUE\n",
      "test_reader.py": "from app.reader import get\ndef test_get():\n    assert get() == 5\n",
    },
    edits: [{ "app/state.py": "VALUE = 6\n" }],
  },
  {
    name: "a constant that a registered subclass uses, which somebody else has imported",
    files: {
      "app/base.py": BASE,
      "app/extension.py":
        "from app.base import Base\nPRICE = 5\nclass Extension(Base):\n    def price(self):\n        return PRICE\n",
      "test_a.py": IMPORTS_EXTENSION,
      "test_registry.py": TEST_REGISTRY,
    },
    edits: [
      {
        "app/extension.py":
          "from app.base import Base\nPRICE = 6\nclass Extension(Base):\n    def price(self):\n        return PRICE\n",
      },
    ],
  },
  {
    name: "another class in a registry of a metaclass",
    files: {
      "app/base.py":
        "NAMES = []\nclass Meta(type):\n    def __init__(cls, name, bases, space):\n        NAMES.append(name)\n",
      "app/extension.py": "from app.base import Meta\nclass One(metaclass=Meta):\n    pass\n",
      "test_a.py": IMPORTS_EXTENSION,
      "test_names.py": "from app.base import NAMES\ndef test_names():\n    assert NAMES == ['One']\n",
    },
    edits: [
      {
        "app/extension.py":
          "from app.base import Meta\nclass One(metaclass=Meta):\n    pass\nclass Two(metaclass=Meta):\n    pass\n",
      },
    ],
  },
  {
    name: "an attribute that an import sets elsewhere, from a constant of its own",
    files: {
      "app/models.py": MODELS,
      "app/extension.py": "from app import models\nLIMIT = 5\nmodels.Order.limit = LIMIT\n",
      "test_a.py": IMPORTS_EXTENSION,
      "test_order.py": TEST_ORDER,
    },
    edits: [{ "app/extension.py": "from app import models\nLIMIT = 6\nmodels.Order.limit = LIMIT\n" }],
  },
  {
    name: "an attribute that a decorator sets on a class of a third module",
    files: {
      "app/models.py": MODELS,
      "app/deco.py":
        "from app import models\ndef limits(value):\n    models.Order.limit = value\n    return lambda f: f\n",
      "app/extension.py": "from app.deco import limits\n@limits(5)\ndef some():\n    pass\n",
      "test_a.py": IMPORTS_EXTENSION,
      "test_order.py": TEST_ORDER,
    },
    edits: [{ "app/extension.py": "from app.deco import limits\n@limits(6)\ndef some():\n    pass\n" }],
  },
  {
    name: "a function that single dispatch leads to",
    files: {
      "app/render.py": "from functools import singledispatch\n@singledispatch\ndef render(x):\n    return 'any'\n",
      "app/extension.py": "from app.render import render\n@render.register\ndef _(x: int):\n    return 'int'\n",
      "test_a.py": IMPORTS_EXTENSION,
      "test_render.py": "from app.render import render\ndef test_render():\n    assert render(1) == 'int'\n",
    },
    edits: [
      { "app/extension.py": "from app.render import render\n@render.register\ndef _(x: int):\n    return 'number'\n" },
      { "app/extension.py": "from app.render import render\n@render.register\ndef _(x: str):\n    return 'int'\n" },
    ],
  },
  {
    name: "a file that one test reads into a cache and another finds there",
    files: {
      "app/settings.json": "5",
      "app/settings.py":
        "import functools, json, os\n@functools.lru_cache\ndef load():\n    with open(os.path.join(os.path.dirname(__file__), 'settings.json')) as file:\n        return json.load(file)\n",
      "test_one.py": "from app.settings import load\ndef test_one():\n    assert load() > 0\n",
      "test_two.py": "from app.settings import load\ndef test_two():\n    assert load() == 5\n",
    },
    edits: [{ "app/settings.json": "6" }],
  },
  {
    name: "a file of a package, by importlib.resources and by pkgutil",
    files: {
      "app/__init__.py": "",
      "app/data.txt": "5",
      "test_data.py": `
import pkgutil
from importlib import resources
def test_resources():
    assert resources.files("app").joinpath("data.txt").read_text() == "5"
def test_pkgutil():
    assert pkgutil.get_data("app", "data.txt") == b"5"
`,
    },
    edits: [{ "app/data.txt": "6" }],
  },
  {
    name: "a file from which a test is parametrized",
    files: {
      "cases.json": "[1, 2]",
      "test_cases.py":
        "import json, pytest\n@pytest.mark.parametrize('n', json.load(open('cases.json')))\ndef test_case(n):\n    assert n < 3\n",
    },
    edits: [{ "cases.json": "[1, 3]" }],
  },
  {
    name: "what a doctest imports by itself, in a text file and in a docstring",
    files: {
      "app/limits.py": "LIMIT = 5\n",
      "app/other.py": 'def some():\n    """\n    >>> from app.limits import LIMIT\n    >>> LIMIT\n    5\n    """\n',
      "test_guide.txt": ">>> from app.limits import LIMIT\n>>> LIMIT\n5\n",
    },
    args: ["--doctest-modules"],
    edits: [{ "app/limits.py": "LIMIT = 6\n" }],
  },
  {
    name: "the text of a function, which an earlier test has looked at, too",
    files: {
      "app/calc.py": "def rate():\n    # five\n    return 5\n",
      "test_text.py": `
import inspect
from app.calc import rate
def test_first():
    assert "return" in inspect.getsource(rate)
def test_second():
    assert "# five" in inspect.getsource(rate)
`,
    },
    edits: [{ "app/calc.py": "def rate():\n    # six\n    return 5\n" }],
  },
  {
    name: "a function that another process executes",
    files: {
      "app/work.py": "def work(queue):\n    queue.put(5)\n",
      "test_process.py": `
import multiprocessing
from app.work import work
def test_process():
    context = multiprocessing.get_context("spawn")
    queue = context.SimpleQueue()
    process = context.Process(target=work, args=(queue,))
    process.start()
    process.join()
    assert queue.get() == 5
`,
    },
    edits: [{ "app/work.py": "def work(queue):\n    queue.put(6)\n" }],
  },
  {
    name: "the number of a line",
    files: {
      "app/calc.py": "def fail():\n    raise ValueError\n",
      "test_line.py": `
import traceback
from app.calc import fail
def test_line():
    try:
        fail()
    except ValueError as error:
        assert traceback.extract_tb(error.__traceback__)[-1].lineno == 2
`,
    },
    edits: [{ "app/calc.py": "# moved\ndef fail():\n    raise ValueError\n" }],
  },
  {
    name: "a module that a test reloads",
    files: {
      "app/state.py": "VALUE = 5\ndef get():\n    return VALUE\n",
      "test_reload.py":
        "import importlib\nfrom app import state\ndef test_reload():\n    state.VALUE = 7\n    importlib.reload(state)\n    assert state.get() == 5\n",
    },
    edits: [
      { "app/state.py": "VALUE = 5\ndef get():\n    return VALUE + 1\n" },
      { "app/state.py": "VALUE = 6\ndef get():\n    return VALUE\n" },
    ],
  },
  {
    name: "a generator that a module keeps, and a closure over an edited function",
    files: {
      "app/calc.py": "def rate():\n    return 5\ndef count():\n    yield rate()\n",
      "app/kept.py":
        "from app import calc\nGENERATOR = calc.count()\ndef wrap(f):\n    return lambda: f() + 1\nWRAPPED = wrap(calc.rate)\n",
      "test_generator.py": "from app.kept import GENERATOR\ndef test_next():\n    assert next(GENERATOR) == 5\n",
      "test_closure.py": "from app.kept import WRAPPED\ndef test_wrapped():\n    assert WRAPPED() == 6\n",
    },
    edits: [
      { "app/calc.py": "def rate():\n    return 5\ndef count():\n    yield rate() + 1\n" },
      { "app/calc.py": "def rate():\n    return 7\ndef count():\n    yield rate()\n" },
    ],
  },
  {
    name: "functions that C code calls, and replaced ones",
    files: {
      "app/calc.py": "def key(x):\n    return -x\ndef sub(a, b):\n    return a - b\n",
      "test_calc.py": `
from app import calc
def test_sorted():
    assert sorted([1, 2], key=calc.key) == [2, 1]
def test_replaced(monkeypatch):
    monkeypatch.setattr(calc, "key", calc.sub)
    assert calc.key(2, 1) == 1
`,
    },
    edits: [
      { "app/calc.py": "def key(x):\n    return x\ndef sub(a, b):\n    return a - b\n" },
      { "app/calc.py": "def key(x):\n    return -x\ndef sub(a, b):\n    return b - a\n" },
    ],
  },
  {
    name: "fixtures: overridden in a folder, used by themselves, an override that goes",
    files: {
      "conftest.py": "import pytest\n@pytest.fixture\ndef value():\n    return 5\n",
      "sub/conftest.py": "import pytest\n@pytest.fixture\ndef value(value):\n    return value\n",
      "app_state.py": "STATE = 6\n",
      "test_top.py": "def test_top(value):\n    assert value == 5\n",
      "sub/test_sub.py": "def test_sub(value):\n    assert value == 5\n",
    },
    edits: [
      { "sub/conftest.py": "import pytest\n@pytest.fixture\ndef value(value):\n    return value + 1\n" },
      {
        "sub/conftest.py":
          "import pytest\nfrom app_state import STATE\n@pytest.fixture(autouse=True)\ndef value():\n    return STATE\n",
      },
      { "conftest.py": "import pytest\n@pytest.fixture\ndef value():\n    return 4\n" },
      { "sub/conftest.py": null },
    ],
  },
  {
    name: "source that is executed as text",
    files: {
      "rules.txt": "VALUE = 5",
      "app/engine.py":
        "SPACE = {}\ndef value():\n    if not SPACE:\n        exec(open('rules.txt').read(), SPACE)\n    return SPACE['VALUE']\n",
      "test_one.py": "from app.engine import value\ndef test_one():\n    assert value() > 0\n",
      "test_two.py": "from app.engine import value\ndef test_two():\n    assert eval('value()') == 5\n",
    },
    edits: [{ "rules.txt": "VALUE = 6" }],
  },
];
