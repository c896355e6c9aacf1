/** What is tried of one plugin. */
export interface Trial {
  /** Its name in the package index. */
  readonly name: string;
  /** Installed beside it. */
  readonly needs?: readonly string[];
  /** pytest's arguments, in addition to `-rA`. */
  readonly args?: readonly string[];
  /** Files of the project, in addition to those that every project has. */
  readonly files?: Readonly<Record<string, string>>;
}

const MARKED = "import pytest\n\n\n";

/** Plugins in wide use, and those that have been seen to be different in warm runs. */
export const TRIALS: readonly Trial[] = [
  { name: "pytest-instafail", args: ["--instafail"] },
  { name: "pytest-progress", args: ["--show-progress"] },
  { name: "pytest-tldr" },
  { name: "pytest-pretty" },
  { name: "pytest-reportlog", args: ["--report-log=log.json"] },
  {
    name: "pytest-xprocess",
    files: {
      "test_plugin.py":
        "import sys\nfrom xprocess import ProcessStarter\n\n\ndef test_starts(xprocess):\n    class Starter(ProcessStarter):\n        pattern = 'ready'\n        args = [sys.executable, '-u', '-c', \"print('ready'); import time; time.sleep(60)\"]\n        terminate_on_interrupt = True\n    xprocess.ensure('one', Starter)\n    xprocess.getinfo('one').terminate()\n",
    },
  },
  {
    name: "pytest-order",
    files: {
      "test_plugin.py": `${MARKED}seen = []\n\n\n@pytest.mark.order(2)\ndef test_second():\n    assert seen == [1]\n\n\n@pytest.mark.order(1)\ndef test_first():\n    seen.append(1)\n`,
    },
  },
  {
    name: "pytest-dependency",
    files: {
      "test_plugin.py": `${MARKED}@pytest.mark.dependency()\ndef test_base():\n    assert 0\n\n\n@pytest.mark.dependency(depends=['test_base'])\ndef test_upon():\n    pass\n`,
    },
  },
  {
    name: "pytest-subtests",
    files: {
      "test_plugin.py":
        "def test_parts(subtests):\n    for number in range(3):\n        with subtests.test(number=number):\n            assert number != 1\n",
    },
  },
  {
    name: "pytest-bdd",
    files: {
      "add.feature": "Feature: Add\n  Scenario: Two\n    Given a one\n    Then it is one\n",
      "test_plugin.py":
        "from pytest_bdd import given, scenarios, then\n\nscenarios('add.feature')\n\n\n@given('a one', target_fixture='one')\ndef one():\n    return 1\n\n\n@then('it is one')\ndef is_one(one):\n    assert one == 1\n",
    },
  },
  {
    name: "pytest-httpx",
    files: {
      "test_plugin.py":
        "import httpx\n\n\ndef test_answers(httpx_mock):\n    httpx_mock.add_response(text='hello')\n    assert httpx.get('http://shop.test').text == 'hello'\n",
    },
  },
  {
    name: "pytest-env",
    files: {
      "pytest.ini": "[pytest]\nenv =\n    SHOP=open\n",
      "test_plugin.py": "import os\n\n\ndef test_env():\n    assert os.environ['SHOP'] == 'open'\n",
    },
  },
  {
    name: "pytest-dotenv",
    files: {
      ".env": "SHOP=open\n",
      "test_plugin.py": "import os\n\n\ndef test_env():\n    assert os.environ['SHOP'] == 'open'\n",
    },
  },
  { name: "pytest-picked" },
  {
    name: "pytest-split",
    args: ["--splits=2", "--group=1"],
    files: { ".test_durations": '{"test_shop.py::test_wrong": 3, "test_shop.py::test_error": 2}' },
  },
  { name: "pytest-random-order", args: ["--random-order-seed=7"] },
  { name: "pytest-clarity" },
  { name: "pytest-icdiff" },
  {
    name: "pytest-freezer",
    files: {
      "test_plugin.py":
        "import datetime\n\n\ndef test_frozen(freezer):\n    freezer.move_to('2020-01-02')\n    assert datetime.date.today().year == 2020\n",
    },
  },
  {
    name: "pytest-socket",
    args: ["--disable-socket", "--allow-unix-socket"],
    files: {
      "test_plugin.py":
        "import socket\n\nimport pytest\nimport pytest_socket\n\n\ndef test_none():\n    with pytest.raises(pytest_socket.SocketBlockedError):\n        socket.socket()\n",
    },
  },
  { name: "pytest-repeat", args: ["--count=3"] },
  { name: "pytest-forked", args: ["--forked"] },
  { name: "pytest-metadata", args: ["--metadata", "shop", "open"] },
  { name: "pytest-json-report", args: ["--json-report", "--json-report-file=report.json"] },
  {
    name: "pytest-cases",
    files: {
      "test_plugin.py":
        "from pytest_cases import parametrize_with_cases\n\n\ndef case_one():\n    return 1\n\n\ndef case_two():\n    return 2\n\n\n@parametrize_with_cases('value', cases='.')\ndef test_cases(value):\n    assert value == 1\n",
    },
  },
  {
    name: "pytest-datadir",
    files: {
      "test_plugin/one.txt": "one",
      "test_plugin.py": "def test_data(datadir):\n    assert (datadir / 'one.txt').read_text() == 'one'\n",
    },
  },
  {
    name: "pytest-regressions",
    files: {
      "test_plugin/test_data.yml": "one: 1\n",
      "test_plugin.py": "def test_data(data_regression):\n    data_regression.check({'one': 1})\n",
    },
  },
  { name: "syrupy", files: { "test_plugin.py": "def test_snapshot(snapshot):\n    assert {'one': 1} == snapshot\n" } },
  {
    name: "pytest-timeout",
    args: ["--timeout=30"],
    files: {
      "test_plugin.py": `import time\n\n${MARKED}@pytest.mark.timeout(0.2)\ndef test_hangs():\n    time.sleep(20)\n`,
    },
  },
  { name: "allure-pytest", args: ["--alluredir=allure"] },
  { name: "pytest-memray", args: ["--memray"] },
  {
    name: "pytest-mock",
    files: { "test_plugin.py": "def test_mock(mocker):\n    assert mocker.Mock()() is not None\n" },
  },
  {
    name: "pytest-asyncio",
    files: {
      "test_plugin.py": `import asyncio\n\n${MARKED}@pytest.mark.asyncio\nasync def test_sleeps():\n    await asyncio.sleep(0)\n`,
    },
  },
  { name: "pytest-sugar" },
  { name: "pytest-html", args: ["--html=report.html", "--self-contained-html"] },
  { name: "pytest-cov", args: ["--cov=shop", "--cov-report=term-missing"] },
  { name: "pytest-rerunfailures", args: ["--reruns=1"] },
  { name: "pytest-randomly", args: ["--randomly-seed=7"] },
];
