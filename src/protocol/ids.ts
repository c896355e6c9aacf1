declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A pytest node id, such as `tests/test_cart.py::test_total[2]`. */
export type NodeId = Branded<"NodeId">;

/** An absolute path of a file or folder. */
export type FilePath = Branded<"FilePath">;

/** A process of ours: the trunk's first one, and after a dot each of its forks. */
export type ProcessId = Branded<"ProcessId">;

/** One request for tests. */
export type RunId = Branded<"RunId">;
