import { describe, expect, it } from "vitest";
import type { Edit } from "../document/types.ts";
import { PIECE_BYTES, Uploads } from "./uploads.ts";
import type { FromKernel, ToKernel } from "./wire.ts";

type Wanted = Extract<FromKernel, { type: "wanted" }>;

const edit = (id: string, megabytes: number): Edit => ({
  ...{ id, task: "t", kind: "update", annotation: "a", base: 1 },
  after: { class_name: "é".repeat((megabytes * 1024 * 1024) / 2) },
});

/** A page that sends edits, and a kernel that puts pieces together. */
class Line {
  readonly sent: { message: ToKernel; bytes: number }[] = [];
  readonly progress: string[][] = [];
  readonly refused: [string[], string][] = [];
  readonly pieces = new Map<number, Uint8Array>();
  time = 0;
  uploads: Uploads;
  private listener: (message: FromKernel) => void = () => undefined;
  private last: ArrayBuffer | undefined;

  constructor() {
    this.uploads = this.load();
  }

  /** A page that is loaded anew, with another name. */
  load(client = "here"): Uploads {
    this.uploads = new Uploads({
      kernel: {
        tell: (message, buffers) => {
          this.last = buffers?.[0];
          this.sent.push({ message, bytes: this.last?.byteLength ?? 0 });
        },
        listen: (listener) => {
          this.listener = listener as (message: FromKernel) => void;
        },
      },
      client,
      onProgress: (edits) => this.progress.push(edits.map((one) => one.id)),
      onRefused: (edits, message) => this.refused.push([edits.map((one) => one.id), message]),
      now: () => this.time,
    });
    return this.uploads;
  }

  get types(): string[] {
    return this.sent.map(({ message }) => message.type);
  }

  get offered(): Extract<ToKernel, { type: "offer" }> {
    const found = this.sent.findLast(({ message }) => message.type === "offer");
    if (found?.message.type !== "offer") throw new Error("Nothing was offered.");
    return found.message;
  }

  get missing(): number[] {
    const count = Math.ceil(this.offered.size / PIECE_BYTES);
    return Array.from({ length: count }, (_, k) => k).filter((k) => !this.pieces.has(k));
  }

  want(over: Partial<Wanted> = {}): void {
    const { upload } = this.offered;
    this.listener({ type: "wanted", upload, numbers: this.missing, ...over });
  }

  /** Take the piece that was sent last; the number of it. */
  take(): number {
    const message = this.sent.at(-1)?.message;
    if (message?.type !== "piece" || !this.last) throw new Error("No piece was sent.");
    this.pieces.set(message.number, new Uint8Array(this.last));
    return message.number;
  }

  get whole(): unknown {
    const all = [...this.pieces].sort(([a], [b]) => a - b).flatMap(([, bytes]) => [bytes]);
    const text = new TextDecoder();
    return JSON.parse(all.map((part) => text.decode(part, { stream: true })).join(""));
  }
}

describe("edits that fit into a message", () => {
  it("are sent as they are, up to 8 MiB of bytes, not of characters", () => {
    const line = new Line();
    line.uploads.send([edit("1", 0.001)]);
    line.uploads.send([edit("2", 7.5)]);
    expect(line.types).toEqual(["edits", "edits"]);
    line.uploads.send([edit("3", 8)]);
    expect(line.types).toEqual(["edits", "edits", "offer"]);
    expect(line.uploads.size).toBe(1);
  });
});

describe("edits that are too long for a message", () => {
  it("go in pieces below 8 MiB, each after the one before was acknowledged", () => {
    const line = new Line();
    const one = edit("1", 13);
    line.uploads.send([one]);
    const order = [];
    while (line.missing.length > 0) {
      line.want();
      order.push(line.take());
    }
    expect(order).toEqual([0, 1, 2, 3]);
    expect(Math.max(...line.sent.map(({ bytes }) => bytes))).toBe(PIECE_BYTES);
    expect(line.whole).toEqual([one]);
    expect(line.progress.length).toBe(4);
    line.uploads.settled(["1"]);
    expect(line.uploads.size).toBe(0);
  });

  it("are offered, not sent, when they are to be sent again, and not without end", () => {
    const line = new Line();
    const one = edit("1", 13);
    for (let n = 0; n < 10; n++) line.uploads.send([one]);
    expect(line.types).toEqual(["offer"]);
    line.time = 1001;
    line.uploads.send([one]);
    expect(line.types).toEqual(["offer", "offer"]);
    line.want();
    // The answer to the other offer does not send the same piece again, unless it is lost.
    line.want();
    expect(line.types).toEqual(["offer", "offer", "piece"]);
    line.time = 7000;
    line.want();
    expect(line.types).toEqual(["offer", "offer", "piece", "piece"]);
  });

  it("go on where they were after a reload, whatever the page is called then", () => {
    const line = new Line();
    const one = edit("1", 13);
    line.uploads.send([one]);
    const { upload } = line.offered;
    line.want();
    line.take();
    line.load("there").send([structuredClone(one)]);
    expect(line.offered).toMatchObject({ upload, client: "there" });
    line.want();
    expect(line.take()).toBe(1);
  });

  it("go on at once after a lost connection", () => {
    const line = new Line();
    const one = edit("1", 13);
    line.uploads.send([one]);
    line.want();
    line.uploads.reconnected();
    line.uploads.send([one]);
    expect(line.types).toEqual(["offer", "piece", "offer"]);
    line.want();
    expect(line.take()).toBe(0);
  });

  it("are offered anew where the kernel knows nothing of them", () => {
    const line = new Line();
    line.uploads.send([edit("1", 13)]);
    line.want();
    line.want({ numbers: null });
    line.want();
    expect(line.types).toEqual(["offer", "piece", "offer", "piece"]);
  });

  it("are given up where the kernel will never take them", () => {
    const line = new Line();
    line.uploads.send([edit("1", 13)]);
    line.want({ numbers: [], error: "Too large." });
    expect(line.refused).toEqual([[["1"], "Too large."]]);
    expect(line.uploads.size).toBe(0);
    line.want();
    expect(line.types).toEqual(["offer"]);
  });

  it("have another name where anything in them is another", () => {
    const line = new Line();
    line.uploads.send([edit("1", 13)]);
    const { upload } = line.offered;
    const other = edit("1", 13);
    line.load().send([{ ...other, base: 2 }]);
    expect(line.offered.upload).not.toBe(upload);
  });
});
