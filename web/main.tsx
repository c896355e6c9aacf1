import "./style/page.css";
import { render } from "preact";
import { Head } from "./head/Head.tsx";
import { listenToKeys } from "./keys.ts";
import { token } from "./state/address.ts";
import { setServer } from "./state/commands.ts";
import { connection, stayLive } from "./state/live.ts";
import { Server } from "./state/server.ts";
import { Tests } from "./tests/Tests.tsx";

render(<Page />, document.body);
listenToKeys();
if (token === null) {
  connection.value = { kind: "refused" };
} else {
  const server = new Server(token);
  setServer(server);
  void stayLive(server);
}

function Page() {
  return (
    <>
      <Head />
      <Tests />
    </>
  );
}
