/** Longer lines are refused: no more of one is ever kept. */
const LONGEST_LINE_BYTES = 8 * 1024 * 1024;

/** Codes of JSON-RPC 2.0, and ours. */
export const RPC = {
  parse: -32_700,
  request: -32_600,
  method: -32_601,
  params: -32_602,
  internal: -32_603,
  /** prewarm has no answer: `data` has the problem's code, its sentence and what to do next. */
  problem: -32_000,
  /** There is no such run, or it has ended. */
  noRun: -32_001,
} as const;

/** A refusal that the other side is told. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

type Id = string | number | null;

/** Who answers: a method's name and its parameters as they came. */
export type RpcHandler = (method: string, params: unknown) => Promise<unknown>;

/** JSON-RPC 2.0, one object a line: reads requests, writes answers and notifications. */
export class RpcPeer {
  readonly #handler: RpcHandler;
  readonly #write: (line: string) => void;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(handler: RpcHandler, write: (line: string) => void) {
    this.#handler = handler;
    this.#write = write;
  }

  /** Takes bytes as they come, however they are split. */
  push(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      this.#gather(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      this.#takeLine();
    }
    this.#gather(rest);
  }

  notify(method: string, params: unknown): void {
    this.#send({ method, params });
  }

  #gather(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#bytes > LONGEST_LINE_BYTES) this.#parts = [];
    else if (bytes.length > 0) this.#parts.push(bytes);
  }

  #takeLine(): void {
    const line = Buffer.concat(this.#parts);
    const isTooLong = this.#bytes > LONGEST_LINE_BYTES;
    this.#parts = [];
    this.#bytes = 0;
    if (isTooLong) {
      this.#refuse(null, new RpcError(RPC.request, `Expected a line of at most ${LONGEST_LINE_BYTES} bytes.`));
    } else if (line.some((byte) => byte > 32)) void this.#answer(line.toString());
  }

  async #answer(line: string): Promise<void> {
    const request = readRequest(line);
    if (request instanceof RpcError) {
      this.#refuse(null, request);
      return;
    }
    const { id, method, params } = request;
    try {
      const result = await this.#handler(method, params);
      if (id !== undefined) this.#send({ id, result: result ?? null });
    } catch (error) {
      const refusal = error instanceof RpcError ? error : new RpcError(RPC.internal, String(error));
      // A notification gets no answer, whatever is wrong with it.
      if (id !== undefined) this.#refuse(id, refusal);
    }
  }

  #refuse(id: Id, { code, message, data }: RpcError): void {
    this.#send({ id, error: { code, message, ...(data === undefined ? {} : { data }) } });
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    this.#write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }
}

interface RpcRequest {
  /** Undefined for a notification. */
  readonly id: Id | undefined;
  readonly method: string;
  readonly params: unknown;
}

function readRequest(line: string): RpcRequest | RpcError {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return new RpcError(RPC.parse, "Expected one JSON object a line.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return new RpcError(RPC.request, "Expected a JSON object; batches are not supported.");
  }
  const { jsonrpc, id, method, params } = value as Readonly<Record<string, unknown>>;
  const isId = id === undefined || id === null || typeof id === "string" || typeof id === "number";
  if (jsonrpc !== "2.0" || typeof method !== "string" || !isId) {
    return new RpcError(RPC.request, 'Expected `"jsonrpc": "2.0"`, a method, and an id that is a text or a number.');
  }
  return { id: id as Id | undefined, method, params: params ?? {} };
}
