import "./style/page.css";
import { render } from "preact";
import { Head } from "./head/Head.tsx";
import { Help } from "./head/Help.tsx";
import { HistoryPage } from "./history/HistoryPage.tsx";
import { listenToKeys } from "./keys.ts";
import { RunPage } from "./run/RunPage.tsx";
import { token } from "./state/address.ts";
import { setServer } from "./state/commands.ts";
import { connection, stayLive } from "./state/live.ts";
import { viewName } from "./state/place.ts";
import { Server } from "./state/server.ts";
import { Tests } from "./tests/Tests.tsx";
import { TrunkPage } from "./trunk/TrunkPage.tsx";

// What is asked for first is on its way while the page is drawn.
if (token === null) {
  connection.value = { kind: "refused" };
} else {
  const server = new Server(token);
  setServer(server);
  void stayLive(server);
}
render(<Page />, document.body);
listenToKeys();

function Page() {
  return (
    <>
      <Head />
      <View />
      <Help />
    </>
  );
}

function View() {
  switch (viewName.value) {
    case "tests":
      return <Tests />;
    case "run":
      return <RunPage />;
    case "trunk":
      return <TrunkPage />;
    case "history":
      return <HistoryPage />;
    default:
      return viewName.value satisfies never;
  }
}
