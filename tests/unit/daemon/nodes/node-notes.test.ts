import { expect, test } from "vitest";
import { NodeNotes } from "../../../../src/daemon/nodes/node-notes.ts";

const notes = new NodeNotes("build1", "/there/tree", "/home/shop", (path) =>
  path === "/home/shop/cart.py" ? "sent" : undefined,
);

test("functions and files of the copy are those of the tree, with the versions that were sent", () => {
  const names = [
    "/there/tree/cart.py::total",
    "/there/tree/cart.py\n1 2 3 4",
    "/there/tree/made.txt\n1 2 3 4",
    "/there/tree/.env\nnothing",
    "/etc/hosts\n1 2 3 4",
    "/there/tree2/cart.py\n1 2 3 4",
  ];
  expect(notes.translate({ type: "names", names, worker: "gw3" })).toEqual({
    type: "names",
    worker: "gw3",
    names: [
      "/home/shop/cart.py::total",
      "/home/shop/cart.py\nsent",
      "/home/shop/made.txt\n1 2 3 4 on build1",
      "/home/shop/.env\nnothing",
      "/etc/hosts\n1 2 3 4",
      "/there/tree2/cart.py\n1 2 3 4",
    ],
  });
});

test("a leader there is told apart from the leader here, and what tests write there is not here", () => {
  expect(notes.translate({ type: "recorded", made: ["/there/tree/made.txt"] })).toEqual({
    type: "recorded",
    worker: "node build1",
    made: [],
  });
});
