import type { Cut } from "../geometry/cut.ts";
import type { WholePicture } from "../render/picture.ts";
import { bytesOf, type Kernel } from "./kernel.ts";
import { decoded } from "./pictures.ts";

/** So many cuts are kept: those that a hand goes back and forth through. */
const KEPT = 24;

/** A cut across the slices of a scan. */
export interface Reformat {
  readonly picture: WholePicture;
  /** Slices that are still to be read: until then what is beside them is shown, coarse. */
  readonly missing: number;
  /** Slices that cannot be read. */
  readonly lost: number;
  readonly slices: number;
}

/** Cuts across the slices of scans, as the kernel makes them. */
export class Reformats {
  private readonly kept = new Map<string, Reformat>();

  constructor(private readonly kernel: Kernel) {}

  /** A cut as it is by now; who wants more of it asks again. */
  async get(item: string, cut: Cut, signal: AbortSignal): Promise<Reformat> {
    const { plane, index, projected } = cut;
    const key = `${item} ${plane} ${projected ? "all" : index}`;
    const known = this.kept.get(key);
    if (known) {
      this.keep(key, known);
      return known;
    }
    if (plane === "slice") throw new RangeError("A slice is no cut across the slices.");
    const { message, buffers } = await this.kernel.ask(
      { type: "pixels", item, frame: index, plane, ...(projected && { projected }) },
      ["pixels"],
      signal,
    );
    const { missing = 0, lost = 0, slices = 0 } = message.across ?? {};
    const picture = await decoded(message, bytesOf(buffers[0]));
    const made = { picture, missing, lost, slices };
    if (missing === 0) this.keep(key, made);
    return made;
  }

  private keep(key: string, made: Reformat): void {
    this.kept.delete(key);
    this.kept.set(key, made);
    const [oldest] = this.kept.keys();
    if (this.kept.size > KEPT && oldest !== undefined) this.kept.delete(oldest);
  }
}
