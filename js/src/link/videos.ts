import { bytesOf, type Kernel } from "./kernel.ts";
import { isVolume } from "./volumes.ts";
import type { ItemInfo, VideoInfo } from "./wire.ts";

/** What is known of videos, by item; each is asked for once. */
export class Videos {
  private readonly asked = new Map<string, Promise<VideoInfo>>();
  private readonly here = new Map<string, VideoInfo>();

  constructor(private readonly kernel: Kernel) {}

  /** An item with its frames, where it is a video; all others as they are. */
  async open(item: ItemInfo, signal?: AbortSignal): Promise<ItemInfo> {
    if (!isVideo(item)) return item;
    let asked = this.asked.get(item.id);
    if (!asked) {
      asked = this.ask(item.id);
      this.asked.set(item.id, asked);
      asked.then(
        (video) => this.here.set(item.id, video),
        () => this.asked.delete(item.id),
      );
    }
    const video = await asked;
    signal?.throwIfAborted();
    return counted(item, video);
  }

  /** An item with its frames, where it is a video that was opened before; else as it is. */
  known(item: ItemInfo): ItemInfo {
    const video = this.here.get(item.id);
    return video ? counted(item, video) : item;
  }

  private async ask(item: string): Promise<VideoInfo> {
    const { message, buffers } = await this.kernel.ask({ type: "video", item }, ["video"]);
    const [pts, keys, description] = buffers.map(bytesOf);
    return {
      ...message,
      pts: new BigInt64Array(pts?.slice().buffer ?? new ArrayBuffer(0)),
      keys: new Int32Array(keys?.slice().buffer ?? new ArrayBuffer(0)),
      description: description ?? new Uint8Array(),
    };
  }
}

export function isVideo(item: Pick<ItemInfo, "kind">): boolean {
  return item.kind === "video";
}

/** Is what it shows first known only when it is opened? */
export function opensFirst(item: Pick<ItemInfo, "kind">): boolean {
  return isVideo(item) || isVolume(item);
}

/** Are its pictures frames, one after the other in time? */
export function inTime(item: Pick<ItemInfo, "kind"> | null): boolean {
  return item?.kind === "image_sequence" || item?.kind === "video";
}

/** When a frame of a video is shown, in units of its time base; null where that is not known. */
export function ptsOf(item: ItemInfo | null, frame: number): number | null {
  const pts = item?.video?.pts[frame];
  return pts === undefined ? null : Number(pts);
}

function counted(item: ItemInfo, video: VideoInfo): ItemInfo {
  const { width, height, count } = video;
  const frame = { title: "", size: [width, height] as const };
  return { ...item, width, height, video, frames: new Array(count).fill(frame) };
}
