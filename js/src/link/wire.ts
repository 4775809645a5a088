import type {
  Annotation,
  Applied,
  Edit,
  Refused,
  Rle,
  VolumePatch,
  XY,
} from "../document/types.ts";
import type { GreyMeaning, GreyRange } from "../render/picture.ts";
import type { TileLevel, TilePlace } from "../render/tile_levels.ts";
import type { FrameMark, NamedArray, ProposedShape } from "../tools/kernel_call.ts";
import type { AdjudicateAnswer, AdjudicateQuestion } from "./adjudicate_wire.ts";
import type { Question } from "./computing.ts";
import type { ReviewAnswer, ReviewQuestion } from "./review_wire.ts";

/** One row of the navigator. */
export interface TaskRow {
  readonly id: string;
  readonly title: string;
  readonly folder: string;
  readonly state: string;
  readonly position: number;
  readonly item_id: string;
  readonly kind?: string | null;
  readonly n_annotations?: number;
  readonly error?: string | null;
  /** Of a task that is open: the classes that are labelled in it, where that is not all. */
  readonly scope?: { readonly classes: readonly string[]; readonly questions: boolean } | null;
}

/** The row of a task alone, whatever is known of its item and its labels. */
export type MovedTask = Omit<TaskRow, "folder"> & Partial<TaskRow>;

export interface ItemInfo {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly width?: number | null;
  readonly height?: number | null;
  /** Millimetres a pixel along x and y, where that is known. */
  readonly spacing?: XY | null;
  /** The pictures of a group or a sequence; a single picture has none. */
  readonly frames?: readonly FrameInfo[];
  /** Of a scan, once its headers are read; its slices are the `frames`. */
  readonly volume?: VolumeInfo;
  /** Of a video, once its frames are counted. */
  readonly video?: VideoInfo;
  readonly error?: string | null;
}

/** The values that are shown from black to white, by name. */
export interface Preset {
  readonly name: string;
  readonly level: number;
  readonly width: number;
  readonly source: string;
  /** How shades go from black to white, see `Tone`; a straight line unless told. */
  readonly curve?: "LINEAR" | "LINEAR_EXACT" | "SIGMOID";
  /** Shades from 0 to 1 of evenly spaced values from level - width / 2 to level + width / 2. */
  readonly table?: readonly number[] | null;
}

/** An element of a DICOM header, as people read it. */
export interface HeaderElement {
  readonly tag: string;
  readonly name: string;
  readonly vr: string;
  readonly value: string;
  /** The value is longer than what is told of it. */
  readonly cut: boolean;
  /** How deep it is nested. */
  readonly level: number;
  readonly private: boolean;
}

/** What is told of a video before its timestamps. */
export interface VideoFacts {
  /** How many frames it has. */
  readonly count: number;
  /** The frames that the task is about: all of them, or those of a clip. */
  readonly first: number;
  readonly last: number;
  /** Of the frames as they are shown. */
  readonly width: number;
  readonly height: number;
  /** Degrees, clockwise, by which decoded frames are turned to be shown. */
  readonly rotation: number;
  /** As FFmpeg names it. */
  readonly codec: string;
  /** Numerator and denominator of the seconds of a unit of timestamps. */
  readonly timeBase: readonly [number, number];
  /** Frames a second, on average. */
  readonly rate: number | null;
  /** What WebCodecs calls the codec; null where no browser decodes it. */
  readonly decoder: string | null;
  readonly problems: readonly {
    readonly kind: string;
    readonly message: string;
    readonly frames: readonly number[];
  }[];
}

/** What is known of a video; frames count from 0 in the order in which they are shown. */
export interface VideoInfo extends VideoFacts {
  /** When each frame is shown, in units of the time base. */
  readonly pts: BigInt64Array;
  /** The frames that decoding can begin with. */
  readonly keys: Int32Array;
  /** What a decoder wants beforehand. */
  readonly description: Uint8Array;
}

/** Of a packet: its frame or -1, timestamp, duration, whether it is a key frame, length in bytes. */
export type PacketInfo = readonly [number, number, number, boolean, number];

/** Where the slices of a scan are, and what else is known of it. */
export interface VolumeInfo {
  /** Number of slices, rows and columns. */
  readonly shape: readonly [number, number, number];
  /** Millimetres from slice to slice, row to row and column to column. */
  readonly spacing: readonly [number, number, number] | null;
  /** From the indices (column, row, slice) of a voxel to its centre in millimetres (LPS). */
  readonly affine: readonly (readonly number[])[] | null;
  /** The centre of the first voxel of each slice, in millimetres (LPS). */
  readonly positions: readonly (readonly [number, number, number])[] | null;
  /** Scans with the same one share their coordinates. */
  readonly frameOfReference: string;
  readonly modality: string;
  /** Of the values; empty for stored values. */
  readonly unit: string;
  readonly colour: boolean;
  /** Its least values are shown white. */
  readonly inverted?: boolean;
  /** All of it may be read ahead: it costs nobody anything. */
  readonly near?: boolean;
  readonly windows: readonly Preset[];
  /** Those that everybody knows, for scans with such values. */
  readonly presets?: readonly Preset[];
  readonly problems: readonly {
    readonly kind: string;
    readonly message: string;
    readonly slices: readonly number[];
  }[];
}

/** One picture of a group or a sequence. */
export interface FrameInfo {
  readonly title: string;
  readonly size: readonly [number, number] | null;
}

/** What the binary buffer of a picture or a tile holds. */
export interface Encoded {
  readonly mime: string;
  readonly width: number;
  readonly height: number;
  /** What the numbers of a grey picture of more than 8 bits mean. */
  readonly values?: GreyMeaning & { readonly deflated: boolean };
  /** Pixels that are white above a grey picture, and not in its values. */
  readonly overlay?: Rle;
}

export type FromKernel =
  | {
      readonly type: "opened";
      readonly request: number;
      readonly task: TaskRow | null;
      readonly item: ItemInfo | null;
      readonly total: number;
      readonly index: number;
      readonly seq: number;
      /** Items that are likely to be wanted next. */
      readonly next?: readonly string[];
    }
  /** The values of long edits come in a buffer, as a JSON list with one entry for each. */
  | { readonly type: "applied"; readonly edits: readonly Applied[] }
  | {
      /** The pieces of an upload that have not arrived, null where it has to be offered anew. */
      readonly type: "wanted";
      readonly upload: string;
      readonly numbers: readonly number[] | null;
      /** Why it is not wanted at all. */
      readonly error?: string;
    }
  | { readonly type: "refused"; readonly edits: readonly Refused[] }
  | {
      readonly type: "tasks";
      readonly request: number;
      readonly rows: readonly TaskRow[];
      readonly total: number;
      readonly offset: number;
      readonly folders: readonly string[];
      readonly index: number | null;
    }
  | ({
      readonly type: "pixels";
      readonly request: number;
      readonly item: string;
      readonly frame?: number;
      /** Where the page gets it from, for a short while, instead of a buffer. */
      readonly url?: string;
      /** Of a cut across the slices of a scan: how many slices are not in it, and of how many. */
      readonly across?: {
        readonly missing: number;
        readonly lost: number;
        readonly slices: number;
      };
    } & Encoded)
  /** A picture that is too large to be sent whole: its tiles are asked for. */
  | {
      readonly type: "pyramid";
      readonly request: number;
      readonly item: string;
      readonly frame?: number;
      readonly width: number;
      readonly height: number;
      /** The largest first. */
      readonly levels: readonly TileLevel[];
      /** Of a grey picture of more than 8 bits, whose tiles come with their values. */
      readonly values?: GreyRange;
    }
  | ({ readonly type: "volume"; readonly request: number; readonly item: string } & VolumeInfo)
  | ({ readonly type: "video"; readonly request: number; readonly item: string } & VideoFacts)
  /** The buffer is the bytes of all packets, in the order of decoding. */
  | {
      readonly type: "packets";
      readonly request: number;
      readonly item: string;
      readonly frame: number;
      readonly packets: readonly PacketInfo[];
    }
  /** A frame as JPEG, no larger than was asked for. */
  | ({ readonly type: "glimpse"; readonly request: number } & Encoded)
  | {
      readonly type: "header";
      readonly request: number;
      readonly elements: readonly HeaderElement[];
      /** How many are left out. */
      readonly more: number;
    }
  | ({ readonly type: "tile"; readonly request: number } & Encoded)
  /** A small copy of a slice; without a size where the kernel has nothing at hand. */
  | ({ readonly type: "coarse"; readonly request: number } & Encoded)
  | {
      readonly type: "thumbnail";
      readonly request: number;
      readonly item: string;
      readonly mime?: string;
      /** That it is a video, and how long: `▶ 0:06`. */
      readonly mark?: string;
      readonly error?: string;
    }
  | { readonly type: "moved"; readonly request?: number; readonly task: MovedTask }
  | { readonly type: "queue"; readonly request: number; readonly waiting: number }
  | ReviewAnswer
  | AdjudicateAnswer
  | {
      readonly type: "computed";
      readonly request: number;
      readonly tool: string;
      readonly version: string;
      readonly parameters: Readonly<Record<string, unknown>>;
      readonly shapes: readonly ProposedShape[];
      /** What each of the buffers is. */
      readonly arrays: readonly (Pick<NamedArray, "dtype" | "shape"> & { readonly name: string })[];
      readonly note: string | null;
      readonly marks?: readonly FrameMark[];
    }
  /** What share of it is done, from 0 to 1. */
  | { readonly type: "progress"; readonly request: number; readonly done: number }
  | { readonly type: "prepared"; readonly request: number }
  /** The buffer is a list of `Operated`, as JSON. */
  | { readonly type: "operated"; readonly request: number }
  | { readonly type: "stepped"; readonly request: number; readonly annotations: readonly string[] }
  | {
      readonly type: "failed";
      readonly request: number | null;
      readonly error: { readonly kind: string; readonly message: string };
    };

/** What the kernel makes of a volume mask that was at `revision`. */
export interface Operated {
  readonly annotation: string;
  readonly revision: number;
  /** Null where nothing changes. */
  readonly patch?: VolumePatch | null;
  readonly statistics?: Statistics;
}

/** Of the values in a volume mask, where there are any. */
export interface Statistics {
  readonly voxels: number;
  readonly millilitres: number | null;
  readonly mean: number | null;
  readonly deviation: number | null;
  readonly least: number | null;
  readonly most: number | null;
}

/** What the binary buffer of `opened` holds, as JSON. */
export interface OpenedBody {
  readonly annotations: readonly Annotation[];
  /** Ids of the gestures that this person can take back or bring again, the next one last. */
  readonly undo: readonly string[];
  readonly redo: readonly string[];
  readonly deleted: Readonly<Record<string, number>>;
}

export type ToKernel =
  | {
      readonly type: "open";
      /** None for the next of my queue. */
      readonly task: string | null;
      /** Open the neighbour so many places after (or before) `task` instead. */
      readonly step?: number;
      /**
       * It is looked at later: the task that is named, or of my queue, which claims it, the one
       * after those in `known`.
       */
      readonly ahead?: boolean;
      readonly known?: readonly string[];
    }
  /** A task that was opened ahead is shown now. */
  | { readonly type: "showing"; readonly task: string }
  /** How many tasks wait for me? */
  | { readonly type: "queue" }
  | { readonly type: "edits"; readonly client: string; readonly edits: readonly Edit[] }
  | {
      /** Edits that are too long for one message will come in pieces, as JSON. */
      readonly type: "offer";
      readonly upload: string;
      readonly client: string;
      readonly size: number;
      /** CRC-32 */
      readonly checksum: number;
    }
  /** The buffer is the piece. */
  | { readonly type: "piece"; readonly upload: string; readonly number: number }
  | {
      readonly type: "tasks";
      readonly folder: string | null;
      readonly offset: number;
      readonly limit: number;
      /** Give the page that this task is on, whatever the offset. */
      readonly around?: string;
    }
  | {
      readonly type: "pixels";
      readonly item: string;
      /** Of a group, which picture. */
      readonly frame?: number;
      /** Of a scan, for the cut across its slices at row or column `frame`. */
      readonly plane?: "row" | "column";
      /** The largest values of all rows, or columns. */
      readonly projected?: true;
      /** It is looked at later, and nothing waits for it. */
      readonly ahead?: boolean;
      /** Send the picture itself: the page could not get it by a URL. */
      readonly bytes?: true;
    }
  /** Open a scan: where its slices are, and what else is known of it. */
  | { readonly type: "volume"; readonly item: string }
  /** Open a video: its frames are counted. */
  | { readonly type: "video"; readonly item: string }
  /** The group of pictures that a frame is in, as it lies in the file. */
  | {
      readonly type: "packets";
      readonly item: string;
      readonly frame: number;
      readonly ahead?: boolean;
    }
  /** A frame of a video as it is gone past: JPEG, at most `edge` pixels wide and high. */
  | {
      readonly type: "glimpse";
      readonly item: string;
      readonly frame: number;
      readonly edge: number;
    }
  /** The header of a slice: asked for each time, and kept nowhere. */
  | { readonly type: "header"; readonly item: string; readonly slice: number }
  | ({ readonly type: "tile"; readonly item: string; readonly frame: number } & TilePlace)
  | { readonly type: "coarse"; readonly item: string; readonly frame: number }
  | { readonly type: "thumbnails"; readonly items: readonly string[] }
  | { readonly type: "undo" | "redo"; readonly task: string; readonly gesture: string }
  | { readonly type: "submit"; readonly task: string }
  | { readonly type: "skip"; readonly task: string; readonly reason: string }
  | { readonly type: "reopen"; readonly task: string }
  | ReviewQuestion
  | AdjudicateQuestion
  | ({ readonly type: "compute" } & Question)
  | {
      /** Do something with volume masks as the store has them, each by itself. */
      readonly type: "operate";
      readonly task: string;
      readonly annotations: readonly string[];
      readonly operation: string;
      readonly numbers: Readonly<Record<string, number>>;
    }
  | {
      readonly type: "prepare";
      readonly item: string;
      readonly frame?: number | null;
      readonly tool: string;
    }
  | { readonly type: "cancel"; readonly cancels: number };
