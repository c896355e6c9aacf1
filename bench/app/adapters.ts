import { classNameOf, type GeneratedFile, STORES, SUBJECTS } from "./names.ts";

const CLIENTS_MADE_ON_IMPORT = 3;

/** The adapter layer: a flask blueprint a subject and eight boto3 stores, which are never called over a network. */
export function adapterModules(): readonly GeneratedFile[] {
  return [
    ...STORES.map((store, index) => ({ path: `heavyapp/adapters/${store}_store.py`, text: storeText(store, index) })),
    ...SUBJECTS.map((subject) => ({ path: `heavyapp/adapters/${subject}_routes.py`, text: routesText(subject) })),
  ];
}

function storeText(store: string, index: number): string {
  const eager = index < CLIENTS_MADE_ON_IMPORT ? "\nCLIENT = make_client()\n" : "";
  return `"""Adapter: ${store}, with keys that are good for nothing."""

from __future__ import annotations

import boto3
import botocore.config
import botocore.exceptions

from heavyapp.core import retry, settings

SESSION = boto3.session.Session(aws_access_key_id="key", aws_secret_access_key="secret", region_name="eu-west-1")
CONFIG = botocore.config.Config(retries={"max_attempts": retry.adjust(1) % 5}, max_pool_connections=settings.MAX_ITEMS % 50 + 1)


def make_client() -> object:
    """A client of ${store}; making it reads the service's description but calls nobody."""
    return SESSION.client("${store}", config=CONFIG)

${eager}
def is_transient(error: Exception) -> bool:
    """Whether trying again may help."""
    return isinstance(error, botocore.exceptions.ConnectionError)
`;
}

function routesText(subject: string): string {
  const name = classNameOf(subject);
  return `"""Adapter: the web routes of ${subject}."""

from __future__ import annotations

import flask

from heavyapp.core import paging, settings
from heavyapp.schema import ${subject}_record, ${subject}_summary
from heavyapp.services import ${subject}_audit, ${subject}_fulfilment, ${subject}_pricing

blueprint = flask.Blueprint("${subject}", __name__, url_prefix="/${subject}")
DESK = ${subject}_pricing.${name}Pricing()


@blueprint.get("/<int:number>")
def show(number: int) -> flask.typing.ResponseReturnValue:
    return flask.jsonify(label=${subject}_record.sample(number).label, amount=${subject}_pricing.evaluate(number))


@blueprint.get("/summary")
def summary() -> flask.typing.ResponseReturnValue:
    return flask.jsonify(${subject}_summary.sample(1).model_dump(mode="json"))


@blueprint.post("/audit")
def audit() -> flask.typing.ResponseReturnValue:
    numbers = [int(number) for number in flask.request.get_json()["numbers"]]
    if len(numbers) > settings.MAX_ITEMS:
        flask.abort(413)
    return flask.jsonify(pages=len(paging.chunked(numbers)), amounts=${subject}_audit.evaluate_all(numbers))


@blueprint.get("/deliver/<int:number>")
def deliver(number: int) -> flask.typing.ResponseReturnValue:
    return flask.jsonify(amount=${subject}_fulfilment.evaluate(number))
`;
}
