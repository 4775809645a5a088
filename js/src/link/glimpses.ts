import { signal } from "@preact/signals";
import { lastUpTo } from "./decoded_frames.ts";
import { bytesOf, isAbort, type Kernel } from "./kernel.ts";
import type { VideoInfo } from "./wire.ts";

const KEPT = 300;
const EDGE = 160;
/** A hand that goes on within this time wants another one. */
const PATIENCE_MS = 40;
/** So many different ones a video has, at least, however few frames decoding can begin with. */
const LEAST = 40;

/** Small pictures of frames along a video: the one that a pointer is over is asked for. */
export class Glimpses {
  /** Goes up by one when another is here. */
  readonly version = signal(0);
  private readonly here = new Map<string, string>();
  private asking: { readonly key: string; readonly ending: AbortController } | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly kernel: Pick<Kernel, "ask">) {}

  /** The URL of a picture near a frame, asked for where it is not here; the other is given up. */
  near(item: string, video: VideoInfo, frame: number): string | undefined {
    const at = coarse(video, frame);
    const key = `${item}#${at}`;
    const url = this.here.get(key);
    if (url !== undefined) this.leave();
    else if (this.asking?.key !== key) this.ask(key, item, at);
    return url;
  }

  /** The pointer has gone. */
  leave(): void {
    clearTimeout(this.timer);
    this.asking?.ending.abort();
    this.asking = null;
  }

  dispose(): void {
    this.leave();
    for (const url of this.here.values()) URL.revokeObjectURL(url);
    this.here.clear();
  }

  private ask(key: string, item: string, frame: number): void {
    this.leave();
    const ending = new AbortController();
    this.asking = { key, ending };
    this.timer = setTimeout(async () => {
      try {
        const asked = { type: "glimpse", item, frame, edge: EDGE } as const;
        const { message, buffers } = await this.kernel.ask(asked, ["glimpse"], ending.signal);
        this.keep(key, new Blob([bytesOf(buffers[0])], { type: message.mime }));
      } catch (error) {
        // Without one there is the number alone: whoever goes there is told why.
        if (!isAbort(error)) return;
      }
    }, PATIENCE_MS);
  }

  private keep(key: string, picture: Blob): void {
    this.here.set(key, URL.createObjectURL(picture));
    for (const [old, url] of this.here) {
      if (this.here.size <= KEPT) break;
      URL.revokeObjectURL(url);
      this.here.delete(old);
    }
    this.version.value++;
  }
}

/** A frame near another that is quick to decode, and the same for many. */
export function coarse({ keys, count }: VideoInfo, frame: number): number {
  const step = Math.max(1, Math.floor(count / LEAST));
  return Math.max(keys[lastUpTo(keys, frame)] ?? 0, frame - (frame % step));
}
