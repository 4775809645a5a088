import type { Kernel } from "./kernel.ts";
import type { ItemInfo, VolumeInfo } from "./wire.ts";

/** What is known of scans, by item; each is asked for once. */
export class Volumes {
  private readonly asked = new Map<string, Promise<VolumeInfo>>();
  private readonly here = new Map<string, VolumeInfo>();

  constructor(private readonly kernel: Kernel) {}

  /** An item with its slices as frames, where it is a scan; all others as they are. */
  async open(item: ItemInfo, signal?: AbortSignal): Promise<ItemInfo> {
    if (!isVolume(item)) return item;
    let asked = this.asked.get(item.id);
    if (!asked) {
      asked = this.ask(item.id);
      this.asked.set(item.id, asked);
      asked.then(
        (volume) => this.here.set(item.id, volume),
        () => this.asked.delete(item.id),
      );
    }
    const volume = await asked;
    signal?.throwIfAborted();
    return sliced(item, volume);
  }

  /** An item with its slices, where it is a scan that was opened before; else as it is. */
  known(item: ItemInfo): ItemInfo {
    const volume = this.here.get(item.id);
    return volume ? sliced(item, volume) : item;
  }

  private async ask(item: string): Promise<VolumeInfo> {
    const { message } = await this.kernel.ask({ type: "volume", item }, ["volume"]);
    return message;
  }
}

export function isVolume(item: Pick<ItemInfo, "kind">): boolean {
  return item.kind === "dicom_series" || item.kind === "volume";
}

function sliced(item: ItemInfo, volume: VolumeInfo): ItemInfo {
  const [slices, height, width] = volume.shape;
  const frame = { title: "", size: [width, height] as const };
  return {
    ...item,
    width,
    height,
    volume,
    frames: Array.from({ length: slices }, () => frame),
    ...(volume.spacing && { spacing: [volume.spacing[2], volume.spacing[1]] as const }),
  };
}
