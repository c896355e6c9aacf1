/** What the address says beside the token: a reload and a bookmark show the same. */
export interface Address {
  readonly view: ViewName;
  readonly search: string;
  /** States, by name. */
  readonly states: readonly string[];
  /** The node that is selected in the tree. */
  readonly selected: string;
  readonly tab: string;
}

export const VIEW_NAMES = ["tests", "run", "trunk", "history"] as const;
export type ViewName = (typeof VIEW_NAMES)[number];

const TOKEN_KEY = "prewarm-token";

/**
 * The token of this page: from the address that was opened, and from then on from the tab's own memory, so that it stands in no
 * history of visited pages. Null where neither has one.
 */
export const token = takeToken();

function takeToken(): string | null {
  const hash = location.hash.slice(1);
  if (hash === "" || hash.includes("=")) return sessionStorage.getItem(TOKEN_KEY);
  sessionStorage.setItem(TOKEN_KEY, hash);
  history.replaceState(null, "", location.pathname);
  return hash;
}

/** Reads the address. */
export function readAddress(hash: string): Address {
  const words = new URLSearchParams(hash.replace(/^#/, ""));
  const view = VIEW_NAMES.find((name) => name === words.get("view")) ?? "tests";
  const states = (words.get("states") ?? "").split(",").filter((state) => state !== "");
  const tab = words.get("tab") ?? "";
  return { view, search: words.get("search") ?? "", states, selected: words.get("at") ?? "", tab };
}

/** The address of this state, without what is as it always is. */
export function writeAddress({ view, search, states, selected, tab }: Address): string {
  const words = new URLSearchParams({ view });
  if (search !== "") words.set("search", search);
  if (states.length > 0) words.set("states", states.join(","));
  if (selected !== "") words.set("at", selected);
  if (tab !== "") words.set("tab", tab);
  return `#${words.toString()}`;
}
