// What a label is, as the kernel's schema has it. Coordinates are in pixels of the full-resolution
// image, x right and y down, (0, 0) at the outer corner of the first pixel; angles in degrees, clockwise.

export type XY = readonly [number, number];
export type Ring = readonly XY[];
export type Part = readonly Ring[];

export interface Rectangle {
  readonly type: "rectangle";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly angle?: number;
}
export interface Ellipse {
  readonly type: "ellipse";
  readonly x: number;
  readonly y: number;
  readonly rx: number;
  readonly ry: number;
  readonly angle?: number;
}
export interface Polygon {
  readonly type: "polygon";
  readonly parts: readonly Part[];
}
export interface Polyline {
  readonly type: "polyline";
  readonly points: Ring;
}
export interface Point {
  readonly type: "point";
  readonly x: number;
  readonly y: number;
}
/** A joint: x, y and visibility (0 not labelled, 1 labelled but hidden, 2 labelled and visible). */
export type Keypoint = readonly [number, number, number];
export interface Keypoints {
  readonly type: "keypoints";
  readonly points: readonly Keypoint[];
}
export interface Cuboid {
  readonly type: "cuboid";
  readonly points: Ring;
}
export interface Rle {
  readonly size: readonly [number, number];
  readonly counts: string;
}
export interface Mask {
  readonly type: "mask";
  readonly rle: Rle;
}
/**
 * What the pixels of the box [x, x + w) x [y, y + h) of a mask are from now on, as a stroke changes
 * them; `size` of its code is [h, w]. It stands for the geometry in updates and history only.
 */
export interface MaskPatch {
  readonly type: "maskpatch";
  readonly x: number;
  readonly y: number;
  readonly rle: Rle;
}
/** One object through the slices of a scan, by slice; it has no `frame`. */
export interface VolumeMask {
  readonly type: "volumemask";
  readonly slices: Readonly<Record<string, Rle>>;
}
/**
 * What some slices of a volume mask are from now on; null where nothing is there any more. It stands
 * for the geometry in updates and history only.
 */
export interface VolumePatch {
  readonly type: "volumepatch";
  readonly slices: Readonly<Record<string, Rle | null>>;
}
/** What was said of an object on one frame of a video. */
export interface Keyframe {
  /** Where it is; left out only where it is `outside`. */
  readonly geometry?: Shape | null;
  /** It is not in the picture from here on, until the next keyframe. */
  readonly outside?: boolean;
  /** Something is in front of it from here on, until the next keyframe. */
  readonly occluded?: boolean;
  /** Answers that may change from frame to frame; they hold until a later keyframe says otherwise. */
  readonly attributes?: Answers;
  /** Of keypoints, the joints that were placed here; the others are interpolated past it. */
  readonly joints?: readonly number[] | null;
  /** How sure a tool was that placed it, from 0 to 1; nothing where a person did. */
  readonly confidence?: number | null;
  readonly pts?: number | null;
}
/** One object through the frames of a video, by index of the frame; it has no `frame`. */
export interface Track {
  readonly type: "track";
  readonly keyframes: Readonly<Record<string, Keyframe>>;
}
/**
 * What some keyframes of a track are from now on; null where there is none any more. It stands for
 * the geometry in updates and history only.
 */
export interface TrackPatch {
  readonly type: "trackpatch";
  readonly keyframes: Readonly<Record<string, Keyframe | null>>;
}
/** Something that happens from one frame of a video to another, both included. */
export interface Interval {
  readonly type: "interval";
  readonly first: number;
  readonly last: number;
  readonly first_pts?: number | null;
  readonly last_pts?: number | null;
}
export type Patch = MaskPatch | VolumePatch | TrackPatch;
export interface Tag {
  readonly type: "tag";
}
/** What an object can look like on one picture. */
export type Shape = Rectangle | Ellipse | Polygon | Polyline | Point | Keypoints | Cuboid | Mask;
export type Geometry = Shape | VolumeMask | Track | Interval | Tag;

export type Answers = Readonly<Record<string, string | readonly string[]>>;

/** Where an annotation came from: drawn by hand when there is none. */
export interface Origin {
  readonly kind?: "hand" | "tool" | "model" | "import" | "consensus";
  readonly name?: string | null;
  readonly version?: string | null;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export interface Annotation {
  readonly id: string;
  readonly class_name?: string | null;
  readonly geometry: Geometry;
  readonly attributes?: Answers;
  readonly frame?: number | null;
  /** Timestamp of that frame, where it is one of a video. */
  readonly pts?: number | null;
  readonly track_id?: string | null;
  readonly author?: string | null;
  readonly state?: "editable" | "locked";
  readonly confidence?: number | null;
  readonly origin?: Origin;
  readonly revision: number;
}

/** The fields of an annotation that an edit may set. */
export interface Fields {
  readonly class_name?: string | null;
  readonly geometry?: Geometry;
  readonly attributes?: Answers;
  readonly frame?: number | null;
  /** Timestamp of that frame, where it is one of a video. */
  readonly pts?: number | null;
  readonly track_id?: string | null;
  readonly state?: "editable" | "locked";
  readonly confidence?: number | null;
  readonly origin?: Origin;
}

/** What an update sets: a patch of a mask may stand for the whole of it. */
export interface Changed extends Omit<Fields, "geometry"> {
  readonly geometry?: Geometry | Patch;
}

export type EditKind = "create" | "update" | "delete";

/** One change of one annotation, as it travels to the kernel. */
export interface Edit {
  readonly id: string;
  readonly task: string;
  readonly kind: EditKind;
  readonly annotation: string;
  readonly base: number;
  readonly after?: Changed;
  readonly gesture?: string;
  /** The edit of the same annotation, made in this view, that this one was made on top of. */
  readonly parent?: string;
  readonly undoes?: string;
  readonly redoes?: string;
}

/** What a gesture did to one annotation, enough to take it back. */
export interface Step {
  readonly kind: EditKind;
  readonly annotation: string;
  readonly before?: Changed | null;
  readonly after?: Changed | null;
}
export interface Gesture {
  readonly id: string;
  readonly edits: readonly Step[];
}
/** A gesture that was made before this page was loaded: only the store knows what it did. */
export interface PastGesture {
  readonly id: string;
  readonly edits: null;
}

/** An edit that the kernel has on disk. */
export interface Applied {
  readonly id: string;
  readonly task: string;
  readonly kind: EditKind;
  readonly annotation: string;
  readonly revision: number;
  readonly after?: Changed | null;
  readonly actor?: string;
  readonly client?: string | null;
  readonly gesture?: string | null;
  readonly undoes?: string | null;
  readonly redoes?: string | null;
}
export type RefusalReason = "conflict" | "early" | "invalid" | "forbidden";
export interface Refused {
  readonly id: string;
  readonly task: string;
  readonly annotation: string;
  readonly reason: RefusalReason;
  readonly message: string;
  readonly current?: Annotation | null;
  readonly revision?: number;
}

/** What a class and a question have so that an ontology can change after work began. */
interface Growing {
  readonly description?: string | null;
  /** No longer offered; labels that have it keep showing. */
  readonly retired?: boolean;
  /** Names that it had before. */
  readonly formerly?: readonly string[];
}

interface AttributeBase extends Growing {
  readonly name: string;
  readonly required?: boolean;
  /** Of an object in a video: the answer may change from frame to frame. */
  readonly mutable?: boolean;
  readonly shown_if?: Readonly<Record<string, readonly string[]>> | null;
}
export interface TextAttribute extends AttributeBase {
  readonly type: "text";
}
export interface ChoiceAttribute extends AttributeBase {
  readonly type: "checkbox" | "dropdown" | "radio";
  readonly options: readonly string[];
  /** Options that are no longer offered; answers that have them stay. */
  readonly retired_options?: readonly string[];
  /** What an option was called before, and what it is called now. */
  readonly former_options?: Readonly<Record<string, string>>;
}
export type Attribute = TextAttribute | ChoiceAttribute;

export interface ObjectClass extends Growing {
  readonly name: string;
  readonly color: string;
  readonly tool?: string;
  readonly hotkey?: string | null;
  /** False: all that there is of it on a picture is one mask. */
  readonly instances?: boolean;
  readonly attributes?: readonly Attribute[];
  readonly skeleton?: Skeleton | null;
}
export interface Skeleton {
  readonly joints: readonly string[];
  /** Pairs of joints that are drawn connected. */
  readonly edges?: readonly (readonly [number, number])[];
  /** Where the joints lie in a template, from 0 to 1 on either axis; null or empty without one. */
  readonly positions?: readonly XY[] | null;
}
export interface Ontology {
  readonly classes?: readonly ObjectClass[];
  readonly image_attributes?: readonly Attribute[];
  readonly windows?: readonly WindowPreset[];
}

/** A window with a name. */
export interface WindowPreset {
  readonly name: string;
  readonly level: number;
  readonly width: number;
  readonly modality?: string | null;
  readonly source?: string;
}
