import { FEATURE_KINDS } from "./features.ts";
import { CORE_NAMES, type GeneratedFile, STORES, SUBJECTS } from "./names.ts";

const LAYERS = ["core", "schema", "analysis", "services", "adapters", "features"] as const;

/** The package files, the module that puts the application together, and the project's configuration. */
export function rootFiles(): readonly GeneratedFile[] {
  return [
    { path: "heavyapp/__init__.py", text: '"""An application of 400 modules, made to be slow to start."""\n' },
    ...LAYERS.map((layer) => ({ path: `heavyapp/${layer}/__init__.py`, text: `"""The ${layer} layer."""\n` })),
    { path: "heavyapp/app.py", text: appText() },
    { path: "pyproject.toml", text: PYPROJECT },
    { path: "tests/conftest.py", text: CONFTEST },
    { path: ".gitignore", text: "__pycache__/\n.pytest_cache/\n" },
  ];
}

function appText(): string {
  const routes = SUBJECTS.map((subject) => `${subject}_routes`);
  const features = SUBJECTS.flatMap((subject) => FEATURE_KINDS.map((kind) => `${subject}_${kind}`));
  return `"""Puts the application together; importing it imports all of it."""

from __future__ import annotations

import flask

# isort: off
from heavyapp.core import (
${lines(CORE_NAMES)}
)
from heavyapp.adapters import (
${lines(STORES.map((store) => `${store}_store`))}
)
from heavyapp.adapters import (
${lines(routes)}
)
from heavyapp.features import (
${lines(features)}
)

CORE = [${CORE_NAMES.join(", ")}]
STORES = [${STORES.map((store) => `${store}_store`).join(", ")}]
ROUTES = [${routes.join(", ")}]
FEATURES = [${features.join(", ")}]


def create_app() -> flask.Flask:
    """The web application with every route."""
    app = flask.Flask("heavyapp")
    for routes in ROUTES:
        app.register_blueprint(routes.blueprint)
    return app
`;
}

function lines(names: readonly string[]): string {
  return names.map((name) => `    ${name},`).join("\n");
}

const PYPROJECT = `[project]
name = "heavyapp"
version = "1.0.0"
requires-python = ">=3.9"

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
`;

const CONFTEST = `"""Fixtures of the whole suite."""

from __future__ import annotations

import flask
import flask.testing
import pytest

from heavyapp.app import create_app


@pytest.fixture(scope="session")
def app() -> flask.Flask:
    return create_app()


@pytest.fixture
def client(app: flask.Flask) -> flask.testing.FlaskClient:
    return app.test_client()
`;
