import type { DaemonStatus } from "../../protocol/api.ts";
import { type Problem, problem } from "../../protocol/errors.ts";
import type { Session } from "../session.ts";
import type { RunHost } from "./run-host.ts";
import { type Served, SessionHouse } from "./session-house.ts";

/** Serves HTTP until the client has gone; nothing of it is loaded before that is asked for. */
export async function serveHttp(
  session: Session,
  served: Served & { readonly port: number | null; readonly token?: string | undefined },
  client: RunHost,
  status: () => Promise<DaemonStatus>,
): Promise<void> {
  const configured = await session.configuration.values(served.requester.env, served.settings);
  if (!configured.ok) {
    client.send({ type: "failed", problem: configured.error });
    return;
  }
  const port = served.port ?? configured.value.http;
  const { HttpServer } = await import("../../surfaces/http/http-server.ts");
  using house = new SessionHouse(session, served, status);
  let server: Awaited<ReturnType<typeof HttpServer.listen>>;
  try {
    server = await HttpServer.listen(house, port, import.meta.dirname, served.token);
  } catch (error) {
    client.send({ type: "failed", problem: notListening(port, error) });
    return;
  }
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  if (client.gone.aborted) resolve();
  client.gone.addEventListener("abort", () => resolve());
  client.send({ type: "serving", ...server.address });
  await gone;
  server.close();
}

function notListening(port: number, error: unknown): Problem {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  const why = code === "EADDRINUSE" ? "in use by another program" : `not to be had (${code})`;
  const sentence = `Port ${port} on the loopback address is ${why}.`;
  return problem("port-taken", sentence, "prewarm serve --http 0      (takes a free port and prints it)");
}
