import { expect, test } from "vitest";
import { mountOf } from "../../../src/cli/machine-facts.ts";

const MOUNTS = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:25 / /work rw - 9p host rw
33 22 8:1 /srv/code /code rw - ext4 /dev/sda1 rw
31 30 0:26 / /work/my\\040project rw shared:5 - nfs4 server:/x rw
`;

test.for([
  ["/home/a", "ext4"],
  ["/work", "9p"],
  ["/workshop", "ext4"],
  ["/work/other/deep", "9p"],
  ["/work/my project/src", "nfs4"],
])("%s lies on %s", ([path, kind]) => {
  expect(mountOf(path ?? "", MOUNTS).kind).toBe(kind);
});

test("without a list of mounts nothing is known", () => {
  expect(mountOf("/work", "")).toMatchObject({ kind: "", from: "/" });
});

test("a folder from elsewhere is one whose mount is of a part of its file system", () => {
  expect(mountOf("/code/app", MOUNTS)).toMatchObject({ kind: "ext4", from: "/srv/code" });
});
