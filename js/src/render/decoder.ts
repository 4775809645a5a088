/** What a browser needs to know of a stream before it decodes it. */
export interface Stream {
  /** What WebCodecs calls the codec; null where it has none. */
  readonly decoder: string | null;
  readonly description: Uint8Array;
  /** Of the frames as they are shown. */
  readonly width: number;
  readonly height: number;
  readonly rotation: number;
}

/** Told what becomes of packets that were fed. */
export interface Listener {
  /** The packet that was fed with this number is a frame; whoever takes it closes it. */
  onFrame(number: number, frame: VideoFrame): void;
  /** Nothing more comes: the decoder has to be begun anew. */
  onFailure(error: unknown): void;
}

/** Packets that wait in the decoder: few, so that another wish need not wait for them. */
const MOST_WAITING = 6;

/** Says how the browser decodes a stream, null where it does not. */
export async function configOf(stream: Stream): Promise<VideoDecoderConfig | null> {
  const { decoder: codec, description } = stream;
  if (!codec || typeof VideoDecoder === "undefined") return null;
  // Decoders in hardware lend out a few frames alone, and their frames are not the same everywhere.
  for (const hardwareAcceleration of ["prefer-software", "no-preference"] as const) {
    const config: VideoDecoderConfig = {
      codec,
      hardwareAcceleration,
      ...(description.length > 0 && { description }),
    };
    try {
      if ((await VideoDecoder.isConfigSupported(config)).supported) return config;
    } catch {
      return null;
    }
  }
  return null;
}

/**
 * Decodes packets in the order in which they are fed. A packet goes in with its place in the group
 * as its timestamp, and its frame comes out with the same: no clock, rate or rounding says which
 * frame it is.
 */
export class Decoder {
  private decoder: VideoDecoder;
  private wake: (() => void) | null = null;
  private failed = false;

  constructor(
    private readonly config: VideoDecoderConfig,
    private readonly listener: Listener,
  ) {
    this.decoder = this.make();
  }

  /** Forget what was fed: the next packet is the first one of a group. */
  restart(): void {
    if (this.decoder.state === "closed") {
      this.failed = false;
      this.decoder = this.make();
      return;
    }
    this.decoder.reset();
    this.decoder.configure(this.config);
    this.stir();
  }

  /** Feed a packet; resolves once there is room for another. */
  async feed(number: number, key: boolean, data: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.failed) return;
    const type = key ? "key" : "delta";
    this.decoder.decode(new EncodedVideoChunk({ type, timestamp: number, data }));
    while (!this.failed && this.decoder.decodeQueueSize >= MOST_WAITING) await this.change();
  }

  /** Resolves once all frames of what was fed have come out. */
  async flush(): Promise<void> {
    if (!this.failed) await this.decoder.flush();
  }

  close(): void {
    this.failed = true;
    this.stir();
    if (this.decoder.state !== "closed") this.decoder.close();
  }

  private make(): VideoDecoder {
    const decoder: VideoDecoder = new VideoDecoder({
      output: (frame) => {
        if (decoder !== this.decoder || this.failed) frame.close();
        else this.listener.onFrame(frame.timestamp, frame);
        this.stir();
      },
      error: (error) => {
        if (decoder !== this.decoder || this.failed) return;
        this.failed = true;
        this.stir();
        this.listener.onFailure(error);
      },
    });
    decoder.ondequeue = () => this.stir();
    decoder.configure(this.config);
    return decoder;
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private stir(): void {
    this.wake?.();
    this.wake = null;
  }
}
