import { expect, test } from "vitest";
import { findTestSource } from "../../../src/report/find-test-source.ts";

const TEXT = `import pytest

def test_one():
    pass


@pytest.mark.parametrize(
    "n", [1, 2]
)
@other
async def test_two(
    n,
):
    text = """
less
"""

    assert n

class TestA:
    def test_one(self):
        assert 1

    class TestB:
        def test_one(self): assert 2
`;

function found(id: string): string | undefined {
  const part = findTestSource(id, TEXT);
  return part && `${part.line}\n${part.lines.join("\n")}`;
}

test("a function is found with its decorators, up to its end", () => {
  expect(found("a.py::test_one")).toBe("3\ndef test_one():\n    pass");
  expect(found("a.py::test_two[1::x]")).toBe(`7\n${TEXT.split("\n").slice(6, 18).join("\n")}`);
});

test("one of a name is told from another by its class", () => {
  expect(found("a.py::TestA::test_one")).toBe("21\n    def test_one(self):\n        assert 1");
  expect(found("a.py::TestA::TestB::test_one")).toBe("25\n        def test_one(self): assert 2");
});

test("what is defined elsewhere is not found", () => {
  expect(found("a.py::TestB::test_gone")).toBeUndefined();
  expect(found("README.md::README.md")).toBeUndefined();
  expect(found("a.py::test_on")).toBeUndefined();
});
