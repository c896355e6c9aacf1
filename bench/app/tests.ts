import { score } from "./analysis.ts";
import { adjust, MAX_ITEMS } from "./core.ts";
import { baseQuota, FEATURE_KINDS, type FeatureKind, fee, quota } from "./features.ts";
import { CORE_NAMES, type GeneratedFile, SUBJECTS } from "./names.ts";
import { weight } from "./schema.ts";
import { evaluatePricing } from "./services.ts";

/** Tests in each generated test file. */
export const TESTS_IN_A_FILE = 10;

/** The suite: a test file for each feature, ten tests each, with the expected values worked out here and not by the application. */
export function testFiles(): readonly GeneratedFile[] {
  return SUBJECTS.flatMap((subject, subjectIndex) =>
    FEATURE_KINDS.map((kind) => ({ path: testPathOf(subject, kind), text: testText(subject, subjectIndex, kind) })),
  );
}

/** `tests/test_orders_checkout.py` for a feature. */
export function testPathOf(subject: string, kind: FeatureKind): string {
  return `tests/test_${subject}_${kind}.py`;
}

function testText(subject: string, subjectIndex: number, kind: FeatureKind): string {
  const core = CORE_NAMES[(subjectIndex % (CORE_NAMES.length - 1)) + 1] ?? "settings";
  const coreImports = [...new Set([core, "settings"])].sort().join(", ");
  const feature = `${subject}_${kind}`;
  return `"""The ${kind} of ${subject}."""

import flask.testing
import pytest

from heavyapp.analysis import ${subject}_trend
from heavyapp.core import ${coreImports}
from heavyapp.features import ${feature}
from heavyapp.schema import ${subject}_record
from heavyapp.services import ${subject}_pricing


def test_release_stage() -> None:
    stage = ${feature}.release_stage()
    if stage == "preview":
        pytest.skip("the feature is a preview")
    assert stage == "stable"


def test_release_channel() -> None:
    channel = settings.release_channel()
    if channel == "preview":
        pytest.skip("the build is a preview")
    assert channel == "stable"


def test_item_limit() -> None:
    assert settings.MAX_ITEMS == ${MAX_ITEMS}


def test_quota() -> None:
    assert ${feature}.BASE_QUOTA == ${baseQuota(subjectIndex, kind)}
    assert ${feature}.quota(12) == ${quota(subjectIndex, kind, 12)}


def test_fee() -> None:
    assert [${feature}.fee(number) for number in (1, 2, 30)] == [${[1, 2, 30].map((number) => fee(subjectIndex, number)).join(", ")}]


def test_core() -> None:
    assert ${core}.adjust(123) == ${adjust(CORE_NAMES.indexOf(core), 123)}
    assert ${core}.chunked([1, 2, 3], 2) == [[1, 2], [3]]


def test_schema() -> None:
    record = ${subject}_record.sample(7)
    assert ${subject}_record.weight(record) == ${weight(subjectIndex, 7)}
    assert record.line_count == 2


def test_analysis() -> None:
    assert ${subject}_trend.score(9) == ${score(subjectIndex, 9)}


def test_service() -> None:
    assert ${subject}_pricing.evaluate(5) == ${evaluatePricing(subjectIndex, 5)}


def test_route(client: flask.testing.FlaskClient) -> None:
    answer = client.get("/${subject}/21").get_json()
    assert answer == {"label": "${subject}-record-21", "amount": ${evaluatePricing(subjectIndex, 21)}}
`;
}
