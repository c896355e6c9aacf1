declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A pytest node id, such as `tests/test_cart.py::test_total[2]`. */
export type NodeId = Branded<"NodeId">;

/** One request for tests. */
export type RunId = Branded<"RunId">;
