import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DecodedFrames } from "./decoded_frames.ts";
import type { Groups } from "./groups.ts";
import type { PacketInfo, VideoInfo } from "./wire.ts";

/** Frames that a decoder keeps to itself until others have come. */
const DELAY = 4;
const later = () => new Promise((resolve) => setTimeout(resolve));

/** Decodes in the order of timestamps, some packets late, as decoders do. */
class FakeDecoder {
  static fed: number[] = [];
  static open = 0;
  state = "unconfigured";
  ondequeue: (() => void) | null = null;
  private queue: number[] = [];
  private inside: number[] = [];
  private run = 0;

  constructor(private readonly init: { output: (frame: unknown) => void }) {}

  get decodeQueueSize(): number {
    return this.queue.length;
  }

  configure(): void {
    this.state = "configured";
  }

  reset(): void {
    this.run++;
    this.queue = [];
    this.inside = [];
  }

  close(): void {
    this.state = "closed";
  }

  decode({ timestamp }: { timestamp: number }): void {
    FakeDecoder.fed.push(timestamp);
    this.queue.push(timestamp);
    const { run } = this;
    setTimeout(() => {
      if (run !== this.run) return;
      this.inside.push(this.queue.shift() as number);
      this.ondequeue?.();
      if (this.inside.length > DELAY) this.put();
    });
  }

  async flush(): Promise<void> {
    while (this.queue.length > 0) await later();
    while (this.inside.length > 0) this.put();
  }

  private put(): void {
    FakeDecoder.open++;
    const close = () => FakeDecoder.open--;
    this.init.output({ timestamp: this.inside.shift(), close });
  }
}

beforeEach(() => {
  FakeDecoder.fed = [];
  FakeDecoder.open = 0;
  vi.stubGlobal("VideoDecoder", FakeDecoder);
  vi.stubGlobal(
    "EncodedVideoChunk",
    class {
      timestamp: number;
      constructor({ timestamp }: { timestamp: number }) {
        this.timestamp = timestamp;
      }
    },
  );
});
let made: DecodedFrames | null = null;
afterEach(async () => {
  made?.close();
  for (let turn = 0; turn < 20; turn++) await later();
  vi.unstubAllGlobals();
});

/** 1080p, a group of `length` frames each. */
function opened(count: number, length: number) {
  const keys = Int32Array.from({ length: Math.ceil(count / length) }, (_, i) => i * length);
  const video = { count, keys, width: 1920, height: 1080, rotation: 0 } as unknown as VideoInfo;
  const get = vi.fn(async (_: string, first: number) => {
    const packets = Array.from(
      { length: Math.min(length, count - first) },
      (_, i): PacketInfo => [first + i, first + i, 1, i === 0, 1],
    );
    return { packets, bytes: new Uint8Array(packets.length) };
  });
  const groups = { get, expect: vi.fn() } as unknown as Groups;
  const listener = { onReady: vi.fn(), onFailure: vi.fn() };
  const config = { codec: "avc1.64001f" };
  const frames = new DecodedFrames("a", video, config, groups, listener, () => false);
  made = frames;
  const reach = async (frame: number) => {
    for (let turn = 0; turn < 2000 && !frames.ready(frame); turn++) await later();
    expect(frames.ready(frame)).not.toBeNull();
  };
  return { frames, reach, listener };
}

test("playing decodes each packet once, however long the groups and the decoder's delay", async () => {
  const { frames, reach } = opened(300, 100);
  for (let frame = 0; frame < 300; frame++) {
    frames.want({ frame, way: 1, moving: true });
    await reach(frame);
    // The screen is painted when all that is wanted ahead is here.
    await later();
  }
  expect(FakeDecoder.fed).toHaveLength(300);
});

test("stepping back through a long group decodes it anew for many steps, not for each", async () => {
  const { frames, reach } = opened(200, 200);
  for (let frame = 199; frame > 100; frame--) {
    frames.want({ frame, way: -1, moving: false });
    await reach(frame);
    for (let turn = 0; turn < 300; turn++) await Promise.resolve();
  }
  expect(FakeDecoder.fed.length).toBeLessThan(200 * 20);
});

test("what is held is bounded, and given back when the video is left", async () => {
  const { frames, reach } = opened(300, 100);
  for (const frame of [0, 150, 20, 299, 298]) {
    frames.want({ frame, way: 1, moving: false });
    await reach(frame);
  }
  for (let turn = 0; turn < 200; turn++) await later();
  expect(FakeDecoder.open).toBeLessThan(70);
  frames.close();
  expect(FakeDecoder.open).toBe(0);
});
