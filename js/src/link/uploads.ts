import type { Edit } from "../document/types.ts";
import { crc32 } from "./crc32.ts";
import type { Kernel } from "./kernel.ts";
import type { FromKernel } from "./wire.ts";

/** The kernel's websocket closes without a word on messages of 10 MiB; this leaves room for the rest. */
const MESSAGE_BYTES = 8 * 1024 * 1024 - 64 * 1024;
/** As the kernel cuts them. */
export const PIECE_BYTES = 4 * 1024 * 1024;
/** A piece that is not acknowledged for so long is sent again. */
const PIECE_MS = 5000;
/** An upload that is on its way is not offered again more often. */
const OFFER_MS = 1000;

const encoder = new TextEncoder();

interface Upload {
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly checksum: number;
  offered: number;
  /** The piece that was sent last and is not acknowledged. */
  sending: { readonly number: number; readonly at: number } | null;
}

export interface UploadsOptions {
  readonly kernel: Pick<Kernel, "tell" | "listen">;
  readonly client: string;
  /** Something of these edits has arrived. */
  readonly onProgress: (edits: readonly Edit[]) => void;
  /** They are too much for the kernel, for good. */
  readonly onRefused: (edits: readonly Edit[], message: string) => void;
  readonly now?: () => number;
}

/**
 * Sends edits to the kernel: in one message where that is short enough, else in pieces, each of them
 * acknowledged. The kernel says which pieces are missing, so that a reload or a lost connection
 * costs one piece at most.
 */
export class Uploads {
  private readonly uploads = new Map<string, Upload>();
  private readonly now: () => number;

  constructor(private readonly options: UploadsOptions) {
    this.now = options.now ?? (() => performance.now());
    options.kernel.listen((message) => {
      if (message.type === "wanted") this.wanted(message);
    });
  }

  /** How many are on their way. */
  get size(): number {
    return this.uploads.size;
  }

  send(edits: readonly Edit[]): void {
    const key = edits.map((edit) => edit.id).join();
    const known = this.uploads.get(key);
    if (known) {
      if (this.now() - known.offered >= OFFER_MS) this.offer(known);
      return;
    }
    const { kernel, client } = this.options;
    const bytes = bytesIfLong(edits);
    if (!bytes) {
      kernel.tell({ type: "edits", client, edits });
      return;
    }
    const checksum = crc32(bytes);
    const first = edits[0]?.gesture ?? edits[0]?.id ?? "";
    // Named after what is in it: after a reload the same edits go on where they were.
    const name = `${first}.${bytes.length}.${checksum}`;
    const made: Upload = { name, edits, bytes, checksum, offered: 0, sending: null };
    this.uploads.set(key, made);
    this.offer(made);
  }

  /** These edits have arrived, or were refused. */
  settled(ids: readonly string[]): void {
    if (this.uploads.size === 0) return;
    const gone = new Set(ids);
    for (const [key, { edits }] of this.uploads)
      if (edits.every((edit) => gone.has(edit.id))) this.uploads.delete(key);
  }

  /** The line was down: what was on it is lost. */
  reconnected(): void {
    for (const upload of this.uploads.values()) {
      upload.sending = null;
      upload.offered = Number.NEGATIVE_INFINITY;
    }
  }

  private offer(upload: Upload): void {
    const { name, bytes, checksum } = upload;
    upload.offered = this.now();
    const { kernel, client } = this.options;
    kernel.tell({ type: "offer", upload: name, client, size: bytes.length, checksum });
  }

  private wanted({ upload: name, numbers, error }: Extract<FromKernel, { type: "wanted" }>): void {
    const upload = [...this.uploads.values()].find((one) => one.name === name);
    if (!upload) return;
    if (error) {
      this.settled(upload.edits.map((edit) => edit.id));
      this.options.onRefused(upload.edits, error);
      return;
    }
    this.options.onProgress(upload.edits);
    if (!numbers) {
      // The kernel knows nothing of it, or not any more.
      upload.sending = null;
      this.offer(upload);
      return;
    }
    const { sending } = upload;
    const waits = sending && numbers.includes(sending.number);
    if (waits && this.now() - sending.at < PIECE_MS) return;
    const next = numbers[0];
    upload.sending = next === undefined ? null : { number: next, at: this.now() };
    if (next === undefined) return;
    const piece = upload.bytes.slice(next * PIECE_BYTES, (next + 1) * PIECE_BYTES);
    this.options.kernel.tell({ type: "piece", upload: name, number: next }, [piece.buffer]);
  }
}

/** Edits as JSON where that is too long for one message, else null. */
function bytesIfLong(edits: readonly Edit[]): Uint8Array<ArrayBuffer> | null {
  const text = JSON.stringify(edits);
  // A character has three bytes at most.
  if (text.length * 3 <= MESSAGE_BYTES) return null;
  const bytes = encoder.encode(text);
  return bytes.length <= MESSAGE_BYTES ? null : bytes;
}
