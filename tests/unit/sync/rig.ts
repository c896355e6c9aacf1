import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { encodeFrame, FrameDecoder } from "../../../src/protocol/frames.ts";
import { syncAnswer, syncOrder } from "../../../src/protocol/sync-messages.ts";
import { TreeReceiver } from "../../../src/sync/tree-receiver.ts";
import { TreeSender } from "../../../src/sync/tree-sender.ts";

/** A folder in which a test writes. */
export class Folder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  at(path: string): string {
    return join(this.path, path);
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), text, { mode });
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    symlinkSync(target, this.at(path));
  }

  remove(path: string): void {
    rmSync(this.at(path), { recursive: true, force: true });
  }
}

/** A real folder of its own for one test, removed when the test ends. */
export class TempFolder extends Folder implements Disposable {
  constructor() {
    super(realpathSync(mkdtempSync(join(tmpdir(), "prewarm-sync-"))));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A copy in this process, and what goes to it and comes back, as frames. */
export class Wire {
  readonly sender: TreeSender;
  readonly folder: string;
  receiver: TreeReceiver;
  /** Bytes of all frames to the copy. */
  sentBytes = 0;
  /** Types of the messages in both directions, in their order. */
  types: string[] = [];

  constructor(folder: string) {
    this.folder = folder;
    this.receiver = new TreeReceiver({ folder });
    this.sender = new TreeSender((order) => {
      const frame = encodeFrame(order);
      this.sentBytes += frame.length;
      for (const message of decode(frame)) {
        const parsed = syncOrder.parse(message);
        this.types.push(parsed.type);
        for (const answer of this.receiver.take(parsed)) {
          this.types.push(answer.type);
          for (const back of decode(encodeFrame(answer))) this.sender.take(syncAnswer.parse(back));
        }
      }
    });
  }

  /** The other end is started anew. */
  restart(): void {
    this.receiver = new TreeReceiver({ folder: this.folder });
  }
}

/** Everything below a folder, in lines that can be compared; `__pycache__` too. */
export function listAll(root: string, below = ""): readonly string[] {
  return readdirSync(join(root, below))
    .toSorted()
    .flatMap((name): readonly string[] => {
      const path = below === "" ? name : `${below}/${name}`;
      const stats = lstatSync(join(root, path));
      if (stats.isSymbolicLink()) return [`${path} -> ${readlinkSync(join(root, path))}`];
      if (stats.isDirectory()) return [`${path}/`, ...listAll(root, path)];
      return [`${path}${(stats.mode & 0o100) === 0 ? "" : "*"} ${readFileSync(join(root, path), "utf8")}`];
    });
}

function decode(frame: Uint8Array): readonly unknown[] {
  return new FrameDecoder().push(frame).map((result) => {
    if (!result.ok) throw result.error;
    return result.value;
  });
}
