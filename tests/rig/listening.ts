import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** In `/proc/net/tcp`: a socket that waits for connections. */
const LISTENS = "0A";

/** IPv4 addresses on which these processes listen, in the hexadecimal form of `/proc/net/tcp`: an IPv6 socket has them at its end. */
export function listeningAddresses(pids: readonly number[]): readonly string[] {
  const sockets = new Set(pids.flatMap(socketsOf));
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) =>
    readFileSync(table, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[3] === LISTENS && sockets.has(`socket:[${columns[9]}]`))
      .map((columns) => columns[1]?.split(":")[0]?.slice(-8) ?? ""),
  );
}

function socketsOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).flatMap((name) => {
      try {
        return [readlinkSync(`${folder}/${name}`)];
      } catch {
        // It was closed in this moment.
        return [];
      }
    });
  } catch {
    return [];
  }
}
