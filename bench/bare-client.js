// The least that a Node command can do: start, send one line to a unix socket, get one back, end.
// Plain JavaScript, because a command line is shipped as such and stripping types would be measured too.
import { connect } from "node:net";

const socket = connect(process.argv[2] ?? "");
socket.on("data", () => socket.end());
socket.write("run\n");
