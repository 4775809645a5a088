import { whole } from "./wholeness.ts";

/** What a store answers when a signature is not, or no longer, good. */
const REFUSED = [400, 401, 403];
/** As long may a store say nothing before the kernel is asked instead. */
const PATIENCE_MS = 20_000;

/** No picture; `failed` is what a browser says where CORS forbids it, and where there is no way. */
type Trouble = "refused" | "absent" | "failed" | "silent";

/** Pictures that the page fetches by itself, by URLs that the kernel has signed for it. */
export class Direct {
  /** Places that this browser cannot read from. */
  private readonly closed = new Set<string>();
  private told = false;

  /** `say` is told, once, that pictures come by another way than was wished. */
  constructor(
    private readonly say: (text: string) => void,
    private readonly patience = PATIENCE_MS,
  ) {}

  /**
   * Fetch a picture; null where the kernel has to send it. Where the URL is refused, which is
   * what becomes of one that has expired, `renew` is asked once for another. Some stores leave the
   * headers of CORS out when they refuse, so that a page is told no more than that it failed.
   */
  async bytes(
    url: string,
    mime: string,
    renew: () => Promise<string | undefined>,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const host = hostOf(url);
    if (host === null || this.closed.has(host)) return null;
    let found = await this.fetch(url, signal);
    if (found === "refused" || found === "failed") {
      const again = await renew();
      if (again !== undefined && hostOf(again) === host) found = await this.fetch(again, signal);
    }
    if (found === "failed" || found === "silent") this.close(host);
    return found instanceof Uint8Array && whole(found, mime) ? found : null;
  }

  private async fetch(
    url: string,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer> | Trouble> {
    const giving = new AbortController();
    const stop = () => giving.abort();
    let timer = setTimeout(stop, this.patience);
    signal?.addEventListener("abort", stop);
    try {
      const answer = await fetch(url, {
        credentials: "omit",
        referrerPolicy: "no-referrer",
        cache: "no-store",
        signal: giving.signal,
      });
      if (!answer.ok || !answer.body) {
        stop();
        return REFUSED.includes(answer.status) ? "refused" : "absent";
      }
      const pieces: Uint8Array<ArrayBuffer>[] = [];
      for (const reader = answer.body.getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) return joined(pieces);
        pieces.push(value);
        clearTimeout(timer);
        timer = setTimeout(stop, this.patience);
      }
    } catch {
      if (signal?.aborted) throw new DOMException("cancelled", "AbortError");
      return giving.signal.aborted ? "silent" : "failed";
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }

  private close(host: string): void {
    this.closed.add(host);
    if (this.told) return;
    this.told = true;
    this.say(
      `The browser cannot fetch pictures from ${host} itself (CORS or the network). ` +
        "The kernel sends them.",
    );
  }
}

function hostOf(url: string): string | null {
  const { protocol, host } = URL.canParse(url) ? new URL(url) : { protocol: "", host: "" };
  return protocol === "https:" || protocol === "http:" ? host : null;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}
