import { expect, test } from "vitest";
import { partsOf } from "../../../web/trunk/parts.ts";

test("neighbours of one package are one part; all of a name are one where they are put together", () => {
  const steps = [
    { kind: "library", name: "numpy", ownMs: 3 },
    { kind: "library", name: "numpy.core", ownMs: 2 },
    { kind: "module", name: "shop.cart", ownMs: 4 },
    { kind: "rewritten", name: "numpy.testing", ownMs: 1 },
    { kind: "module", name: "shop.mail", ownMs: 7 },
    { kind: "conftest", name: "tests/conftest.py", ownMs: 1 },
    { kind: "testfile", name: "tests/test_cart.py", ownMs: 1 },
  ] as const;
  const draw = (together: boolean) =>
    partsOf([...steps], together).map(({ name, ms, steps }) => `${name} ${ms} ${steps}`);
  expect(draw(false)).toEqual([
    ...["numpy 5 2", "shop.cart 4 1", "numpy 1 1", "shop.mail 7 1", "tests/conftest.py 1 1", "tests/test_cart.py 1 1"],
  ]);
  expect(draw(true).slice(0, 3)).toEqual(["shop.mail 7 1", "numpy 6 3", "shop.cart 4 1"]);
});
