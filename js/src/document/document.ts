import { isPatch, patchBack, patched, patchTo } from "../geometry/patch.ts";
import { newId } from "./ids.ts";
import type {
  Annotation,
  Answers,
  Applied,
  Changed,
  Edit,
  Fields,
  Gesture,
  Refused,
  Step,
} from "./types.ts";

/** Which annotations changed; `local` when this view's own gesture did it. */
export interface Change {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly deleted: readonly string[];
  readonly origin: "local" | "remote";
}

/** A change that is wanted; the document knows the rest. */
export type Draft =
  | { readonly kind: "create"; readonly annotation?: string; readonly after: Fields }
  | { readonly kind: "update"; readonly annotation: string; readonly after: Changed }
  | { readonly kind: "delete"; readonly annotation: string };

export interface Intent {
  readonly undoes?: string;
  readonly redoes?: string;
}

export interface Commit {
  readonly gesture: Gesture;
  readonly edits: readonly Edit[];
}

const FIELDS = [
  "class_name",
  "geometry",
  "attributes",
  "frame",
  "pts",
  "track_id",
  "state",
  "confidence",
  "origin",
] as const;

function fieldsOf(annotation: Annotation): Fields {
  const fields: Record<string, unknown> = {};
  for (const name of FIELDS) {
    if (annotation[name] !== undefined) fields[name] = annotation[name];
  }
  return fields;
}

/** The editable fields of an annotation as they are, those that are absent by their defaults. */
export function valuesOf(
  annotation: Annotation,
  names: readonly (keyof Fields)[] = FIELDS,
): Fields {
  const values = names.map((name) => [name, annotation[name] ?? ABSENT[name]] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/** Defaults as the kernel's schema has them, so that undoing can set a field back to nothing. */
const ABSENT: Fields = {
  attributes: {},
  frame: null,
  pts: null,
  track_id: null,
  state: "editable",
  confidence: null,
  origin: {},
};

/**
 * The fields that a change comes to, given the annotation it is made on: a patch is laid into its
 * mask. Null where there is no mask that the patch fits.
 */
export function resolve(current: Annotation | undefined, after: Changed): Fields | null {
  if (!isPatch(after.geometry)) return after as Fields;
  const geometry = current ? patched(current.geometry, after.geometry) : null;
  return geometry && { ...after, geometry };
}

/** The change as it travels: of a mask only the box, or the slices, in which pixels differ. */
function compact(current: Annotation, after: Changed): Changed {
  const geometry = patchTo(current.geometry, after.geometry);
  return geometry ? { ...after, geometry } : after;
}

/** What takes a change of an annotation back: its values before, and for a patch a patch. */
export function valuesBefore(current: Annotation, after: Changed): Changed {
  const values = valuesOf(current, Object.keys(after) as (keyof Fields)[]);
  if (!isPatch(after.geometry)) return values;
  const geometry = patchBack(current.geometry, after.geometry);
  return geometry ? { ...values, geometry } : values;
}

/**
 * The annotations of one task as this view sees them: what the store has, with the edits of this
 * view that are still on their way already applied.
 */
export class LabelDocument {
  private records = new Map<string, Annotation>();
  private buried = new Map<string, number>();
  /** The last edit of each annotation, where this view made it. */
  private heads = new Map<string, string>();
  private listeners = new Set<(change: Change) => void>();

  constructor(readonly task: string) {}

  /** What the answers about the image as a whole are under. */
  get imageId(): string {
    return `${this.task}:image`;
  }

  get answers(): Answers {
    return this.get(this.imageId)?.attributes ?? {};
  }

  get size(): number {
    return this.records.size;
  }

  get(id: string): Annotation | undefined {
    return this.records.get(id);
  }

  has(id: string): boolean {
    return this.records.has(id);
  }

  all(): IterableIterator<Annotation> {
    return this.records.values();
  }

  ids(): string[] {
    return [...this.records.keys()];
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Replace everything by what the store has. */
  load(annotations: readonly Annotation[], deleted: Readonly<Record<string, number>> = {}): void {
    const before = this.ids();
    this.records = new Map(annotations.map((annotation) => [annotation.id, annotation]));
    this.buried = new Map(Object.entries(deleted));
    this.heads.clear();
    this.emit({ created: this.ids(), updated: [], deleted: before, origin: "remote" });
  }

  /** Apply a gesture of this view, and return the edits that make it durable. */
  commit(drafts: readonly Draft[], intent: Intent = {}): Commit | null {
    const gestureId = newId();
    const edits: Edit[] = [];
    const steps: Step[] = [];
    const created: string[] = [];
    const updated: string[] = [];
    const deleted: string[] = [];
    for (const draft of drafts) {
      const id = draft.annotation ?? newId();
      const current = this.records.get(id);
      if (draft.kind === "create" ? current !== undefined : current === undefined) continue;
      const made = draft.kind === "update" ? resolve(current, draft.after) : null;
      if (draft.kind === "update" && !made) continue;
      const base = current?.revision ?? this.buried.get(id) ?? 0;
      const parent = this.heads.get(id);
      let before: Changed | null = null;
      let after: Changed | undefined;
      if (draft.kind === "create") {
        after = draft.after;
        this.records.set(id, {
          ...draft.after,
          geometry: draft.after.geometry ?? { type: "tag" },
          id,
          revision: base + 1,
        });
        created.push(id);
      } else if (draft.kind === "update" && current) {
        after = compact(current, draft.after);
        before = valuesBefore(current, after);
        this.records.set(id, { ...current, ...made, revision: base + 1 } as Annotation);
        updated.push(id);
      } else if (current) {
        before = fieldsOf(current);
        this.records.delete(id);
        this.buried.set(id, base + 1);
        deleted.push(id);
      }
      const edit: Edit = {
        id: edits.length === 0 ? gestureId : newId(),
        task: this.task,
        kind: draft.kind,
        annotation: id,
        base,
        ...(after ? { after } : {}),
        ...(drafts.length > 1 ? { gesture: gestureId } : {}),
        ...(parent === undefined ? {} : { parent }),
        ...intent,
      };
      this.heads.set(id, edit.id);
      edits.push(edit);
      steps.push({ kind: draft.kind, annotation: id, before, after: after ?? null });
    }
    if (edits.length === 0) return null;
    this.emit({ created, updated, deleted, origin: "local" });
    return { gesture: { id: gestureId, edits: steps }, edits };
  }

  /** Apply an edit again that the journal had kept from an earlier life of this page. */
  replay(edit: Edit): void {
    const current = this.records.get(edit.annotation);
    const revision = current?.revision ?? this.buried.get(edit.annotation) ?? 0;
    if (edit.task !== this.task || revision !== edit.base) return;
    const after = resolve(current, edit.after ?? {});
    if (!after) return;
    this.settle(edit.kind, edit.annotation, edit.base + 1, after);
    this.heads.set(edit.annotation, edit.id);
  }

  /** Apply what another view or process did; false where it was known already, or is missed. */
  applyRemote(applied: Applied): boolean {
    if (!this.isNews(applied) || this.misses(applied)) return false;
    const after = resolve(this.records.get(applied.annotation), applied.after ?? {});
    this.heads.delete(applied.annotation);
    this.settle(applied.kind, applied.annotation, applied.revision, after ?? {});
    return true;
  }

  /**
   * Is it a patch of a mask that is not here, as edits of two processes were told of in another
   * order than they were made? Only the store has that mask.
   */
  misses(applied: Applied): boolean {
    const patch = applied.after?.geometry;
    if (!isPatch(patch) || !this.isNews(applied)) return false;
    const current = this.records.get(applied.annotation);
    if (!current) return false;
    return current.revision + 1 < applied.revision || !patched(current.geometry, patch);
  }

  private isNews(applied: Applied): boolean {
    const current = this.records.get(applied.annotation);
    const known = current?.revision ?? this.buried.get(applied.annotation) ?? 0;
    return applied.task === this.task && known < applied.revision;
  }

  /** Give records other names, as the store did with its own: their revisions stay. */
  rename(now: (annotation: Annotation) => Annotation): void {
    const updated: string[] = [];
    for (const [id, annotation] of this.records) {
      const made = now(annotation);
      if (made === annotation) continue;
      this.records.set(id, made);
      updated.push(id);
    }
    if (updated.length > 0) this.emit({ created: [], updated, deleted: [], origin: "remote" });
  }

  /** Take the store's word for an annotation, after it refused an edit. */
  restore(refused: Refused): void {
    const had = this.records.has(refused.annotation);
    this.heads.delete(refused.annotation);
    if (refused.current) {
      this.records.set(refused.annotation, refused.current);
      const ids = [refused.annotation];
      this.emit({
        created: had ? [] : ids,
        updated: had ? ids : [],
        deleted: [],
        origin: "remote",
      });
      return;
    }
    this.records.delete(refused.annotation);
    this.buried.set(refused.annotation, refused.revision ?? 0);
    if (had) {
      this.emit({ created: [], updated: [], deleted: [refused.annotation], origin: "remote" });
    }
  }

  private settle(kind: Edit["kind"], id: string, revision: number, after: Fields): void {
    const current = this.records.get(id);
    // A change of what was deleted here meanwhile: there is no record that it would complete.
    if (kind === "delete" || (kind === "update" && !current)) {
      this.records.delete(id);
      this.buried.set(id, revision);
      if (current) this.emit({ created: [], updated: [], deleted: [id], origin: "remote" });
      return;
    }
    const made = { geometry: { type: "tag" }, ...current, ...after, id, revision } as Annotation;
    this.records.set(id, made);
    this.emit({
      created: current ? [] : [id],
      updated: current ? [id] : [],
      deleted: [],
      origin: "remote",
    });
  }

  private emit(change: Change): void {
    for (const listener of [...this.listeners]) listener(change);
  }
}
