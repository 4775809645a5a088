import { bytesOf, isAbort, type Kernel } from "./kernel.ts";
import type { PacketInfo } from "./wire.ts";

/** Packets as they lie in the file, from a frame that decoding can begin with, in that order. */
export interface Group {
  readonly packets: readonly PacketInfo[];
  /** Of all packets, one after the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** So much of the files is held: minutes of most videos. */
const MOST_BYTES = 48e6;
/** So many are read ahead at once: what a person waits for comes between them. */
const AT_ONCE = 3;

interface Coming {
  readonly group: Promise<Group>;
  readonly ending: AbortController;
  waiting: number;
}

/** Groups of pictures of videos, by item and the frame that each begins with. */
export class Groups {
  private readonly here = new Map<string, Group>();
  private readonly coming = new Map<string, Coming>();
  private likely: readonly string[] = [];

  constructor(
    private readonly kernel: Pick<Kernel, "ask">,
    private readonly most = MOST_BYTES,
  ) {}

  /** Get a group; given up when all who wait for it have gone, unless it is likely to be next. */
  get(item: string, first: number, signal: AbortSignal): Promise<Group> {
    const key = `${item}#${first}`;
    const known = this.here.get(key);
    if (known) {
      this.keep(key, known);
      return Promise.resolve(known);
    }
    const coming = this.coming.get(key) ?? this.begin(key, false);
    coming.waiting++;
    return new Promise((resolve, reject) => {
      const leave = () => {
        coming.waiting--;
        this.giveUp(key);
        reject(new DOMException("cancelled", "AbortError"));
      };
      if (signal.aborted) return leave();
      signal.addEventListener("abort", leave, { once: true });
      const done = () => signal.removeEventListener("abort", leave);
      coming.group.then(resolve, reject).finally(done);
    });
  }

  /** Make groups ready that are likely to be next, the likeliest first, instead of those before. */
  expect(item: string, firsts: readonly number[]): void {
    this.likely = firsts.map((first) => `${item}#${first}`);
    for (const key of [...this.coming.keys()]) this.giveUp(key);
    this.pump();
  }

  private pump(): void {
    for (const key of this.likely) {
      if (this.coming.size >= AT_ONCE) return;
      if (!this.here.has(key) && !this.coming.has(key)) this.begin(key, true);
    }
  }

  private begin(key: string, ahead: boolean): Coming {
    const ending = new AbortController();
    const group = this.fetch(key, ahead, ending.signal);
    const coming: Coming = { group, ending, waiting: 0 };
    this.coming.set(key, coming);
    const over = () => this.coming.get(key) === coming && this.coming.delete(key);
    group.then(
      (made) => {
        if (over()) this.keep(key, made);
        this.pump();
      },
      (error) => {
        over();
        // What cannot be read is not asked for again by itself: whoever goes there is told why.
        if (!isAbort(error)) this.likely = this.likely.filter((one) => one !== key);
      },
    );
    return coming;
  }

  private async fetch(key: string, ahead: boolean, signal: AbortSignal): Promise<Group> {
    const at = key.lastIndexOf("#");
    const { message, buffers } = await this.kernel.ask(
      {
        type: "packets",
        item: key.slice(0, at),
        frame: Number(key.slice(at + 1)),
        ...(ahead && { ahead }),
      },
      ["packets"],
      signal,
    );
    return { packets: message.packets, bytes: bytesOf(buffers[0]) };
  }

  private giveUp(key: string): void {
    const coming = this.coming.get(key);
    if (!coming || coming.waiting > 0 || this.likely.includes(key)) return;
    this.coming.delete(key);
    coming.ending.abort();
  }

  /** It was used last; what was used longest ago is put away. */
  private keep(key: string, group: Group): void {
    this.here.delete(key);
    this.here.set(key, group);
    let bytes = 0;
    for (const one of this.here.values()) bytes += one.bytes.length;
    for (const [old, { bytes: gone }] of this.here) {
      if (bytes <= this.most || old === key) return;
      this.here.delete(old);
      bytes -= gone.length;
    }
  }
}
