import type { Change, LabelDocument } from "../document/document.ts";
import type {
  Annotation,
  Geometry,
  ObjectClass,
  Ontology,
  Track,
  VolumeMask,
  XY,
} from "../document/types.ts";
import { bounds } from "../geometry/bounds.ts";
import type { Box } from "../geometry/box.ts";
import { union } from "../geometry/box.ts";
import { type Frame, frameOf } from "../geometry/frame.ts";
import { touches } from "../geometry/hit.ts";
import { jointNear } from "../geometry/joints.ts";
import type { Edges } from "../geometry/outline.ts";
import { type Runs, rleOf } from "../geometry/runs.ts";
import { SpatialIndex } from "../geometry/spatial_index.ts";
import { isShape } from "../geometry/track.ts";
import { trackFrom } from "../geometry/track_edits.ts";
import { jointStandings } from "../geometry/track_joints.ts";
import { slackAt } from "../geometry/view.ts";
import type { Alive } from "../render/active_layer.ts";
import { ShapePacker } from "../render/packed_shapes.ts";
import { colorsOf, edgesOf, type Shape, shapeOf } from "../render/scene.ts";
import type { Viewport } from "../render/viewport.ts";
import type { Settings } from "../tools/option.ts";
import type { ShownCut } from "../tools/scan_prompt.ts";
import { NOTHING, type Preview, type Range, type Scene, type Stroke } from "../tools/tool.ts";
import { Measured } from "./measured.ts";
import type { Painted } from "./painting.ts";
import { cutOf, seenAt, shapeSeen } from "./seen.ts";

/** More selected shapes than this stay on the settled layer, and are framed together. */
const MOST_ALIVE = 300;
const MOST_IN_LENS = 400;
/** More words beside measurements would hide the picture. */
const MOST_WORDS = 100;

/** What the stage is told by the room each time something may look different. */
export interface Cast {
  readonly selection: readonly string[];
  readonly hovered: string | null;
  readonly hidden: ReadonlySet<string>;
  /** Asked for only when something is painted: it looks at the scene itself. */
  readonly preview: () => Preview;
  /** The pixels here whose values lie in a range. */
  readonly inRange: (range: Range) => Runs | null;
  /** Slices of a volume mask that the kernel would fill. */
  readonly filling: VolumeMask | null;
  /** The mask that a stroke would leave. */
  readonly paint: (stroke: Stroke) => Painted | null;
  readonly accent: string;
  /** The class that is drawn. */
  readonly target: ObjectClass | undefined;
  /** Values of the options of the tool in hand. */
  readonly settings: Settings;
  readonly crosshair: XY | null;
  /** What of a scan is shown, null where it is none. */
  readonly cut: ShownCut | null;
  /** Millimetres a pixel along x and y, null where that is not known. */
  readonly spacing: XY | null;
  /** Of the values of a scan; null for all other pictures. */
  readonly unit: string | null;
  /** How much of the picture labels cover, from 0 to 1. */
  readonly fill: number;
  /** The tool in hand reshapes: the only selected shape shows its handles. */
  readonly reshaping: boolean;
  readonly pointer: XY | null;
}

/** Brings the document, the selection and the tool's preview onto the layers of the viewport. */
export class Stage {
  private document: LabelDocument | null = null;
  private picture: number | ShownCut | null = null;
  private colors: ReadonlyMap<string, string> = new Map();
  private edges: ReadonlyMap<string, Edges> = new Map();
  private joints: ReadonlyMap<string, readonly string[]> = new Map();
  private readonly index = new SpatialIndex();
  private readonly cache = new Map<string, { geometry: Geometry; shape: Shape | null }>();
  private away = "";
  private lingering: string[] = [];
  private readonly measured: Measured;
  /** The shapes on the screen that have words beside them. */
  private worded = new Set<string>();
  private aliveBefore: string[] = [];

  constructor(
    private readonly viewport: () => Viewport,
    private readonly cast: () => Cast,
  ) {
    this.measured = new Measured(viewport);
  }

  paintWith(ontology: Ontology): void {
    this.colors = colorsOf(ontology);
    this.edges = edgesOf(ontology);
    this.measured.paintWith(ontology);
    this.joints = new Map(
      (ontology.classes ?? []).map((made) => [made.name, made.skeleton?.joints ?? []]),
    );
    this.cache.clear();
    if (this.document) this.load(this.document);
  }

  /**
   * Show the labels of a document; of a group or a scan those of the picture at `frame`. With
   * `turned` that picture comes in the same frame, and none of the labels of another may be seen
   * with it.
   */
  load(
    document: LabelDocument,
    frame: number | ShownCut | null = this.picture,
    turned = false,
  ): void {
    this.document = document;
    this.picture = frame;
    this.cache.clear();
    this.away = "";
    this.lingering = [];
    this.aliveBefore = [];
    this.worded = new Set();
    const scale = this.cast();
    const shapes = new ShapePacker(document.size);
    for (const annotation of document.all()) {
      const geometry = shapeSeen(annotation, frame);
      if (!geometry) continue;
      const color = this.colors.get(annotation.class_name ?? "");
      if (color === undefined || !shapes.addBox(annotation.id, geometry, color)) {
        const shape = this.shape(annotation);
        if (!shape) continue;
        shapes.add(shape);
      }
      if (this.measured.has(annotation, scale)) this.worded.add(annotation.id);
    }
    const packed = shapes.done();
    this.index.loadLater(packed.ids, packed.boxes);
    if (turned) this.viewport().shapes.turn(packed);
    else this.viewport().shapes.load(packed);
    this.refresh();
  }

  /** An annotation as it is seen here, null where it is not. */
  private seen(id: string): Annotation | null {
    const annotation = this.document?.get(id);
    return annotation ? seenAt(annotation, this.picture) : null;
  }

  /** An annotation with the shape that tools change: of a track, the one on this frame. */
  private asDrawn(id: string): Annotation | undefined {
    const annotation = this.document?.get(id);
    return annotation?.geometry.type === "track" ? (this.seen(id) ?? undefined) : annotation;
  }

  /** Are these the labels that are shown? */
  shows(document: LabelDocument): boolean {
    return this.document === document;
  }

  apply(change: Change): void {
    const document = this.document;
    if (!document) return;
    const put: Shape[] = [];
    const gone = [...change.deleted];
    const scale = this.cast();
    for (const id of [...change.created, ...change.updated]) {
      const annotation = document.get(id);
      const shape = annotation && this.shape(annotation);
      this.worded.delete(id);
      if (shape && this.measured.has(annotation, scale)) this.worded.add(id);
      if (shape) {
        put.push(shape);
        this.index.put(id, shape.box);
      } else gone.push(id);
    }
    for (const id of gone) {
      this.cache.delete(id);
      this.index.drop(id);
      this.worded.delete(id);
    }
    this.viewport().shapes.put(put);
    this.viewport().shapes.drop(gone);
    this.refresh();
  }

  /** Shapes that are alive or hidden leave the settled layer; those that are not come back. */
  refresh(): void {
    const { selection, hidden, preview: look, paint } = this.cast();
    const preview = look();
    const alive = new Set([...this.alive(selection, hidden), ...preview.changed.keys()]);
    const painted = preview.stroke && paint(preview.stroke)?.id;
    if (painted) alive.add(painted);
    const away = [...new Set([...alive, ...hidden])].sort();
    const key = away.join(" ");
    if (key !== this.away) {
      this.away = key;
      const { shapes } = this.viewport();
      // Until the settled layer shows them again, those that fell asleep stay on top.
      this.lingering = this.aliveBefore.filter((id) => !alive.has(id) && !hidden.has(id));
      shapes.hide(away);
      if (this.lingering.length > 0) {
        void shapes.settle().then(() => {
          if (this.away === key) this.lingering = [];
          this.viewport().repaint();
        });
      }
    }
    this.aliveBefore = [...alive];
    this.viewport().repaint();
  }

  active(): Omit<Alive, "lines"> {
    const cast = this.cast();
    const { selection, hovered, hidden, accent, crosshair } = cast;
    const color = cast.target?.color ?? "#ffffff";
    const preview = cast.preview();
    const alive = this.alive(selection, hidden);
    const painted = preview.stroke && cast.paint(preview.stroke);
    const shown = new Set([...this.lingering, ...alive, ...preview.changed.keys()]);
    if (painted?.id) shown.add(painted.id);
    const selected = [...shown].flatMap((id) => this.shown(id, preview, painted) ?? []);
    const blank = painted && (!painted.id || !this.index.box(painted.id));
    if (blank)
      selected.push({ ...BLANK, color: this.colorOf(painted.id) ?? color, painted: painted.mask });
    const only = selection.length === 1 && selection[0] !== undefined ? selection[0] : null;
    const annotation = only ? this.seen(only) : null;
    const geometry = annotation
      ? (preview.changed.get(annotation.id) ?? annotation.geometry)
      : null;
    // While all of it is turned or scaled, what the hand does is shown instead.
    const grips = cast.reshaping && alive.length > 0 && preview.guides.length === 0;
    const over = hovered && this.index.box(hovered) ? this.document?.get(hovered) : undefined;
    // Each has a name of its own, by which its bitmap is found again in the next frame.
    const drafted = (drawn: Geometry, index: number): Shape[] => {
      const geometry = cutOf(drawn, cast.cut);
      if (!geometry) return [];
      const id = `draft ${index}`;
      const one = { id, class_name: cast.target?.name ?? null, geometry, revision: 0 };
      const through = ["volumemask", "track", "interval"].includes(geometry.type);
      const seen = through ? seenAt(one, this.picture) : one;
      const shape = seen && shapeOf(seen, this.colors, this.edges);
      return shape ? [{ ...shape, color }] : [];
    };
    const proposed = cast.filling ? [...preview.proposal, cast.filling] : preview.proposal;
    const classed = (index: number) => preview.choice?.shapes[index]?.className ?? null;
    const proposedAt = (drawn: Geometry, index: number): Shape[] =>
      drafted(drawn, index).map((one) => ({
        ...one,
        color: this.colors.get(classed(index) ?? "") ?? color,
      }));
    const faint = preview.range && cast.inRange(preview.range);
    return {
      selected,
      faint: glowing(faint).flatMap((one) => drafted(one, -2)),
      hovered: over && preview === NOTHING ? this.shape(over) : null,
      hoveredName: over ? (over.class_name ?? "image") : null,
      joint: cast.reshaping && !preview.guides.length ? this.joint(cast) : null,
      handles: grips && annotation?.state !== "locked" ? geometry : null,
      frame: grips ? this.grips(selection, preview, selected) : null,
      placed: only ? this.placed(only) : null,
      vertex: preview.vertex && preview.vertex.id === only ? preview.vertex.vertex : null,
      draft: preview.draft ? (drafted(preview.draft, -1)[0] ?? null) : null,
      proposal: [...proposed, ...glowing(preview.glow)].flatMap(proposedAt),
      color,
      points: preview.points,
      closing: preview.closing,
      invalid: preview.invalid,
      guides: preview.guides,
      tip: preview.tip,
      clicks: preview.clicks,
      lens: preview.lens,
      marquee: preview.marquee ?? (selection.length > MOST_ALIVE ? this.frame(selection) : null),
      texts: this.texts(cast, preview),
      accent,
      crosshair,
      fill: cast.fill,
    };
  }

  /** What measurements say, beside each of them. */
  private texts(cast: Cast, preview: Preview) {
    const labels = proposedWords(preview);
    for (const id of this.worded) {
      if (labels.length >= MOST_WORDS) break;
      const annotation = cast.hidden.has(id) ? undefined : this.asDrawn(id);
      if (!annotation) continue;
      const geometry = preview.changed.get(annotation.id) ?? annotation.geometry;
      const label = this.measured.label(annotation, geometry, cast);
      if (label) labels.push(label);
    }
    return labels;
  }

  /** What a shape measures, in words, its values where it is shown; "" for nothing. */
  words(id: string): string {
    const annotation = this.asDrawn(id);
    const scale = this.cast();
    if (!annotation || !this.measured.has(annotation, scale)) return "";
    return this.measured.words(annotation, annotation.geometry, scale, this.worded.has(id));
  }

  /** Which joints of a skeleton were placed on this frame; none where that is no question. */
  private placed(id: string): readonly number[] | null {
    const geometry = this.document?.get(id)?.geometry;
    if (geometry?.type !== "track" || typeof this.picture !== "number") return null;
    const standings = jointStandings(geometry, this.picture);
    return standings.flatMap(({ placed }, joint) => (placed ? [joint] : []));
  }

  /** An object through all frames; a shape of one frame is a track of it alone. */
  track(id: string): Track | null {
    const annotation = this.document?.get(id);
    if (!annotation) return null;
    const { geometry, frame } = annotation;
    if (geometry.type === "track") return geometry;
    return isShape(geometry) ? trackFrom(geometry, frame ?? 0) : null;
  }

  scene(): Scene {
    const { selection, hidden, target, settings } = this.cast();
    return {
      size: this.viewport().imageSize,
      spacing: this.cast().spacing,
      cut: this.cast().cut,
      selection,
      target,
      settings,
      near: (area) => this.index.search(area).filter((id) => !hidden.has(id)),
      pixels: (box) => this.viewport().image.values(box),
      get: (id) => this.asDrawn(id),
      answers: this.document?.answers ?? {},
      track: (id) => this.track(id),
      pick: (at, slack) => this.pick(at, slack, hidden),
      within: (box) =>
        this.index.search(box).filter((id) => {
          const inner = this.index.box(id);
          return (
            !hidden.has(id) &&
            !!inner &&
            inner.minX >= box.minX &&
            inner.minY >= box.minY &&
            inner.maxX <= box.maxX &&
            inner.maxY <= box.maxY
          );
        }),
    };
  }

  /** The settled shapes that meet a box, the first ones of very many. */
  settled(box: Box): Shape[] {
    const away = new Set(this.away.split(" "));
    const shapes: Shape[] = [];
    for (const id of this.index.search(box)) {
      const annotation = away.has(id) ? null : this.document?.get(id);
      const shape = annotation && this.shape(annotation);
      if (shape) shapes.push(shape);
      if (shapes.length >= MOST_IN_LENS) break;
    }
    return shapes;
  }

  box(id: string): Box | undefined {
    return this.index.box(id);
  }

  /** Of the shapes under the pointer the smallest: the others can be reached beside it. */
  private pick(
    at: readonly [number, number],
    slack: number,
    hidden: ReadonlySet<string>,
  ): string | null {
    const area = {
      minX: at[0] - slack,
      minY: at[1] - slack,
      maxX: at[0] + slack,
      maxY: at[1] + slack,
    };
    let best: string | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const id of this.index.search(area)) {
      const box = this.index.box(id);
      const annotation = this.seen(id);
      if (!box || !annotation || hidden.has(id)) continue;
      const size = (box.maxX - box.minX) * (box.maxY - box.minY);
      if (
        size < least &&
        touches(annotation.geometry, at, slack / 2, this.edges.get(annotation.class_name ?? ""))
      ) {
        least = size;
        best = id;
      }
    }
    return best;
  }

  /** The joint under the pointer, by name. */
  private joint({ pointer, hovered, selection }: Cast): { at: XY; text: string } | null {
    if (!pointer) return null;
    const slack = slackAt(this.viewport().view.scale, false);
    for (const id of [...selection, hovered].slice(-2)) {
      const annotation = id ? this.asDrawn(id) : undefined;
      if (annotation?.geometry.type !== "keypoints") continue;
      const index = jointNear(annotation.geometry, pointer, slack);
      const [x, y, visibility] = annotation.geometry.points[index ?? -1] ?? [];
      const name = this.joints.get(annotation.class_name ?? "")?.[index ?? -1];
      if (x === undefined || y === undefined || !name) continue;
      return { at: [x, y], text: visibility === 1 ? `${name} (hidden)` : name };
    }
    return null;
  }

  private alive(selection: readonly string[], hidden: ReadonlySet<string>): readonly string[] {
    return selection.length > MOST_ALIVE
      ? []
      : selection.filter((id) => !hidden.has(id) && this.index.box(id));
  }

  /** The frame of the selected shapes that may be changed, as they are seen now. */
  private grips(
    selection: readonly string[],
    preview: Preview,
    shown: readonly Shape[],
  ): Frame | null {
    const free = selection.flatMap((id) => {
      const annotation = this.seen(id);
      return annotation && annotation.state !== "locked" ? [annotation] : [];
    });
    const ids = new Set(free.map((one) => one.id));
    const boxes = shown.flatMap((shape) => (ids.has(shape.id) && !shape.mask ? [shape.box] : []));
    return frameOf(
      free.map((one) => preview.changed.get(one.id) ?? one.geometry),
      () => union(boxes),
    );
  }

  private frame(selection: readonly string[]): Box | null {
    return union(selection.map((id) => this.index.box(id) ?? null));
  }

  private shown(id: string, preview: Preview, painted: Painted | null): Shape[] | null {
    const annotation = this.document?.get(id);
    if (!annotation) return null;
    const geometry = preview.changed.get(id);
    // Of a track the shape on this frame is changed, which has no frame of its own.
    const frame = typeof this.picture === "number" ? this.picture : null;
    const drawn = annotation.geometry.type === "track" ? { ...annotation, frame } : annotation;
    const changed = geometry ? seenAt({ ...drawn, geometry }, this.picture) : null;
    const shape = changed ? shapeOf(changed, this.colors, this.edges) : this.shape(annotation);
    if (shape && painted?.id === id) return [{ ...shape, painted: painted.mask }];
    return shape ? [shape] : null;
  }

  private colorOf(id: string | null): string | undefined {
    const annotation = id ? this.asDrawn(id) : undefined;
    return this.colors.get(annotation?.class_name ?? "");
  }

  /** An annotation as it is painted here, null where it is not to be seen. */
  private shape(one: Annotation): Shape | null {
    const annotation = seenAt(one, this.picture);
    if (!annotation) return null;
    const known = this.cache.get(annotation.id);
    const color = this.colors.get(annotation.class_name ?? "");
    if (known?.geometry === annotation.geometry && (!known.shape || known.shape.color === color)) {
      return known.shape;
    }
    const shape = bounds(annotation.geometry) ? shapeOf(annotation, this.colors, this.edges) : null;
    this.cache.set(annotation.id, { geometry: annotation.geometry, shape });
    return shape;
  }
}

/** A mask that is being painted and has no object yet. */
const BLANK: Shape = {
  id: "painted",
  color: "",
  box: { minX: 0, minY: 0, maxX: 0, maxY: 0 },
  coordinates: new Float32Array(0),
  ends: new Uint32Array(0),
  closed: false,
  filled: 0,
  dots: new Float32Array(0),
  mask: null,
};

function glowing(runs: Runs | null): Geometry[] {
  return runs && runs.edges.length > 0 ? [{ type: "mask", rle: rleOf(runs) }] : [];
}

/** What a model says of each shape that it proposes, at the shape; of those decided on next first. */
function proposedWords({ proposal, choice }: Preview): { at: XY; text: string }[] {
  return (choice?.shapes ?? []).slice(0, MOST_WORDS).flatMap(({ text }, index) => {
    const box = proposal[index] && bounds(proposal[index]);
    return box ? [{ at: [box.minX, box.minY] as XY, text }] : [];
  });
}
