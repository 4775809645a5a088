import { computed, signal } from "@preact/signals";
import type { Ontology, XY } from "../document/types.ts";
import type { SaveState } from "../link/outbox.ts";
import type { ItemInfo, TaskRow } from "../link/wire.ts";
import { FILL } from "../render/paint.ts";
import type { Probe } from "../render/picture.ts";
import { PLAIN, type Tone } from "../render/tone.ts";
import type { Settings } from "../tools/option.ts";
import type { GuideNode } from "./guide.tsx";
import type { Mode } from "./offer.ts";

export type Layout = "auto" | "1x1" | "1x2" | "2x1" | "2x2" | "reformats";

/** What the viewport shows while there is no picture to work on. */
export type Status =
  | { readonly kind: "loading" }
  | { readonly kind: "ready" }
  /** A smaller copy stands for the picture: it can be looked at, and waited for. */
  | { readonly kind: "coarse" }
  | { readonly kind: "done" }
  /** The group, or the folder, has no picture for this pane. */
  | { readonly kind: "empty" }
  | { readonly kind: "broken"; readonly message: string }
  | { readonly kind: "lost"; readonly message: string };

/** What the widget's model says about the project and the person; the kernel decides both. */
export interface Place {
  readonly project: string;
  readonly name: string;
  readonly user: string;
  /** The item that is opened first, where that is known. */
  readonly item?: string | null;
  /** Whether the person judges the first task. */
  readonly judges?: boolean;
}

/** Required answers that an annotation lacks; without an annotation they are about the image. */
export interface Missing {
  readonly annotation: string | null;
  readonly attributes: readonly string[];
  /** Of a track, the first frame on which they are open. */
  readonly frame?: number | null;
}

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly kind: "info" | "warning";
  /** What else the person may have meant. */
  readonly actions: readonly NoticeAction[];
}

export interface NoticeAction {
  readonly label: string;
  readonly run: () => void;
}

export interface Navigator {
  readonly rows: ReadonlyMap<number, TaskRow>;
  readonly total: number;
  readonly folders: readonly string[];
  readonly folder: string | null;
  /** Where the open task stands in this list, null where it is not in it. */
  readonly index: number | null;
}

/** The states of a task in which its labels may be changed. */
const OPEN = ["queued", "in_progress"];

export interface Tracking {
  readonly video: boolean;
  readonly image_sequence: boolean;
}

/** The pictures of a sequence are often looked at one by one. */
export const TRACKING: Tracking = { video: true, image_sequence: false };

/** Everything that panels show; each part is a signal, so that only what changed is drawn again. */
export function createState() {
  const ontology = signal<Ontology>({});
  const task = signal<TaskRow | null>(null);
  const mayFix = signal(false);
  return {
    ontology,
    task,
    project: signal(""),
    item: signal<ItemInfo | null>(null),
    index: signal(0),
    total: signal(0),
    status: signal<Status>({ kind: "loading" }),
    /** Which picture of a group the active pane shows. */
    frame: signal(0),
    layout: signal<Layout>("auto"),
    /** What is drawn on a frame begins a track; else it is on that frame alone. By kind of item. */
    tracking: signal<Tracking>(TRACKING),
    layoutOpen: signal(false),
    /** Panes zoom and go on together. */
    linked: signal(true),
    /** Goes up by one with each change of the document. */
    version: signal(0),
    tool: signal("select"),
    /** Goes up by one with each change of what the tool in hand is doing. */
    handVersion: signal(0),
    /** Tools that the kernel is getting ready. */
    preparing: signal<ReadonlySet<string>>(new Set()),
    /** Goes up by one when the kernel has other tools. */
    toolsVersion: signal(0),
    /** Values of the options of tools, by group of tools and name. */
    settings: signal<Readonly<Record<string, Settings>>>({}),
    className: signal<string | null>(null),
    selection: signal<readonly string[]>([]),
    hovered: signal<string | null>(null),
    hidden: signal<ReadonlySet<string>>(new Set()),
    save: signal<SaveState>({ state: "saved" }),
    notices: signal<readonly Notice[]>([]),
    missing: signal<readonly Missing[]>([]),
    pointer: signal<XY | null>(null),
    /** Where the arrow keys have taken the crosshair of a drawing tool; null without one. */
    crosshair: signal<XY | null>(null),
    /** What is under the pointer. */
    probe: signal<Probe | null>(null),
    tone: signal<Tone>(PLAIN),
    /** How much of what lies under labels they cover, from 0 to 1. */
    fill: signal(FILL),
    viewOpen: signal(false),
    /** The choice of windows is open. */
    windowsOpen: signal(false),
    /** Letters, a scale bar and numbers at the edges of scans. */
    marks: signal(true),
    headerOpen: signal(false),
    problemsOpen: signal(false),
    /** The counter in the header is a field for the number of the item to go to. */
    going: signal(false),
    /** The counter of frames is a field for the frame, time or timestamp to go to. */
    seeking: signal(false),
    scale: signal(1),
    /** The annotation whose questions are asked beside it. */
    asked: signal<string | null>(null),
    /** What the project tells its labellers; empty for nothing. */
    guide: signal<readonly GuideNode[]>([]),
    guideOpen: signal(false),
    mode: signal<Mode>("both"),
    /** In the mode "classification": the last answer submits, and the next task comes. */
    advance: signal(false),
    /** The question about the image that was gone to; null for the first open one. */
    question: signal<string | null>(null),
    helpOpen: signal(false),
    sideOpen: signal(true),
    stripOpen: signal(true),
    lanesOpen: signal(true),
    /** Of the lanes under a video, in pixels. */
    lanesHeight: signal(116),
    full: signal(false),
    /** The widget is all that the window shows: there is no notebook around it. */
    fills: signal(false),
    narrow: signal(false),
    canUndo: signal(false),
    canRedo: signal(false),
    navigator: signal<Navigator>({
      rows: new Map(),
      total: 0,
      folders: [],
      folder: null,
      index: null,
    }),
    thumbnails: signal(0),
    /** The open task is judged by this person, who may put right what is wrong. */
    mayFix,
    readOnly: computed(
      () => task.value !== null && !OPEN.includes(task.value.state) && !mayFix.value,
    ),
    skipping: signal(false),
  };
}

export type State = ReturnType<typeof createState>;
