import { bytesOf, type Kernel } from "./kernel.ts";

export type Thumbnail =
  | { readonly url: string; readonly mark?: string }
  | { readonly error: string };

const KEPT = 400;
const PATIENCE_MS = 30_000;

/** Small pictures for the navigator, asked for in bunches and kept while there is room. */
export class Thumbnails {
  private readonly known = new Map<string, Thumbnail>();
  /** When an item was asked for: a kernel that died since will not answer. */
  private readonly asked = new Map<string, number>();
  private wanted = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly kernel: Kernel,
    private readonly onChange: () => void,
  ) {
    kernel.listen((message, buffers) => {
      if (message.type !== "thumbnail") return;
      this.asked.delete(message.item);
      if (message.error !== undefined) this.known.set(message.item, { error: message.error });
      else {
        const blob = new Blob([bytesOf(buffers[0])], { type: message.mime ?? "image/jpeg" });
        const url = URL.createObjectURL(blob);
        this.known.set(message.item, message.mark ? { url, mark: message.mark } : { url });
      }
      this.trim();
      this.onChange();
    });
  }

  get(item: string): Thumbnail | undefined {
    return this.known.get(item);
  }

  /** Ask for what is on the screen; what has left it before it was sent for is not asked. */
  want(items: readonly string[]): void {
    this.wanted = new Set(items.filter((item) => !this.known.has(item) && !this.waits(item)));
    clearTimeout(this.timer);
    if (this.wanted.size === 0) return;
    this.timer = setTimeout(() => {
      const batch = [...this.wanted];
      for (const item of batch) this.asked.set(item, performance.now());
      this.kernel.ask({ type: "thumbnails", items: batch }, ["thumbnail"]).catch(() => {
        for (const item of batch) this.asked.delete(item);
      });
    }, 60);
  }

  private waits(item: string): boolean {
    const since = this.asked.get(item);
    return since !== undefined && performance.now() - since < PATIENCE_MS;
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const one of this.known.values()) if ("url" in one) URL.revokeObjectURL(one.url);
    this.known.clear();
  }

  private trim(): void {
    for (const [item, one] of this.known) {
      if (this.known.size <= KEPT) return;
      if ("url" in one) URL.revokeObjectURL(one.url);
      this.known.delete(item);
    }
  }
}
