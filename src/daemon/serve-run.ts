import type { ApiRequest } from "../protocol/api.ts";
import type { ClientConnection } from "./client-connection.ts";
import type { Session } from "./session.ts";

/** Runs once for a client, and tells it everything. */
export async function serveRun(
  session: Session,
  request: Extract<ApiRequest, { type: "run" }>,
  client: ClientConnection,
): Promise<void> {
  const { launch, requester, plain, events } = request;
  const verdict = await session.run(
    {
      launch,
      requester,
      plain,
      onOutput: (stream, chunk) => client.send({ type: "output", stream, data: chunk.toString("base64") }),
      onEvent: (event) => {
        if (events) client.send({ type: "event", event });
      },
    },
    client.gone,
    client.interrupted,
  );
  client.send({ type: "finished", ...verdict });
}
