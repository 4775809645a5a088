import { bytesOf, type Kernel } from "./kernel.ts";

export interface Picture {
  readonly bitmap: ImageBitmap;
  readonly width: number;
  readonly height: number;
}

/** What is shown, the one before, and those that come next. */
const KEPT = 7;

/** Decoded pictures by item: what is shown, and what is likely to be shown next. */
export class Pictures {
  private readonly kept = new Map<string, Promise<Picture>>();

  constructor(private readonly kernel: Kernel) {}

  get(item: string, signal?: AbortSignal): Promise<Picture> {
    const known = this.kept.get(item);
    if (known) {
      this.kept.delete(item);
      this.kept.set(item, known);
      return known;
    }
    const coming = this.fetch(item, signal);
    this.kept.set(item, coming);
    coming.catch(() => {
      if (this.kept.get(item) === coming) this.kept.delete(item);
    });
    this.trim();
    return coming;
  }

  forget(item: string): void {
    this.kept.delete(item);
  }

  dispose(): void {
    for (const one of this.kept.values())
      void one.then(
        (picture) => picture.bitmap.close(),
        () => undefined,
      );
    this.kept.clear();
  }

  private async fetch(item: string, signal?: AbortSignal): Promise<Picture> {
    const { message, buffers } = await this.kernel.ask(
      { type: "pixels", item },
      ["pixels"],
      signal,
    );
    const blob = new Blob([bytesOf(buffers[0])], { type: message.mime });
    try {
      const bitmap = await createImageBitmap(blob, { imageOrientation: "from-image" });
      return { bitmap, width: message.width, height: message.height };
    } catch {
      throw new Error("The browser cannot decode this picture: its data are damaged.");
    }
  }

  private trim(): void {
    for (const [item, one] of this.kept) {
      if (this.kept.size <= KEPT) return;
      this.kept.delete(item);
      void one.then(
        (picture) => picture.bitmap.close(),
        () => undefined,
      );
    }
  }
}
