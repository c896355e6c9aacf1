/** Core modules in the order in which the application imports them; `settings` comes first and is imported by every other module. */
export const CORE_NAMES = [
  "settings",
  "errors",
  "clock",
  "ids",
  "text",
  "money",
  "rounding",
  "currency",
  "regions",
  "taxes",
  "units",
  "limits",
  "events",
  "registry",
  "retry",
  "paging",
  "sorting",
  "flags",
  "permissions",
  "hashing",
  "calendar",
  "intervals",
  "tokens",
  "tracing",
] as const;

const FIRST_SUBJECTS = [
  "orders",
  "invoices",
  "carts",
  "parcels",
  "refunds",
  "customers",
  "suppliers",
  "products",
  "warehouses",
  "payments",
  "coupons",
  "reviews",
  "shipments",
  "returns",
  "contracts",
  "tickets",
  "campaigns",
  "segments",
  "vouchers",
  "wallets",
  "accounts",
  "ledgers",
  "budgets",
  "fleets",
  "routes",
  "sensors",
  "meters",
  "tariffs",
  "claims",
  "policies",
] as const;

/** How often the thirty subjects are there, for `bench/scale.ts`: at 17 the application has 6,000 modules and 10,200 tests. */
const TIMES = Number(process.env.PREWARM_BENCH_TIMES ?? 1);

/** The subjects of the application: each has schemas, analyses, services, routes, two features and two test files. */
export const SUBJECTS: readonly string[] = Array.from({ length: TIMES }, (_, time) =>
  FIRST_SUBJECTS.map((subject) => (time === 0 ? subject : `${subject}${String.fromCharCode(97 + time)}`)),
).flat();

/** Amazon services that have an adapter; a client of the first three is made while importing, as many applications do. */
export const STORES = ["s3", "sqs", "dynamodb", "sns", "kms", "ses", "ssm", "lambda"] as const;

/** `orders` as `Orders`. */
export function classNameOf(subject: string): string {
  return subject.charAt(0).toUpperCase() + subject.slice(1);
}

/** One file of the generated application: its path inside the application's folder, with `/`, and its text. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}
