import { resolve } from "../document/document.ts";
import type {
  Annotation,
  Applied,
  Changed,
  Edit,
  RefusalReason,
  Refused,
} from "../document/types.ts";
import { isPatch } from "../geometry/patch.ts";

interface Held {
  readonly annotation: Annotation;
  readonly deleted: boolean;
}

/**
 * The kernel's store as the browser knows it, in memory: gestures whole or not at all, edits known by
 * their id, bases checked. A test double of `labelwidgets/store/ledger.py`.
 */
export class Ledger {
  readonly held = new Map<string, Held>();
  /** Every edit that was applied, in order. */
  readonly log: Edit[] = [];
  private readonly known = new Map<string, Applied | Refused>();

  constructor(
    readonly actor = "ana",
    /** Says why an edit is invalid; an empty string where it is not. */
    private readonly check: (edit: Edit) => string = () => "",
  ) {}

  get annotations(): Annotation[] {
    return [...this.held.values()].filter((one) => !one.deleted).map((one) => one.annotation);
  }

  get deleted(): Record<string, number> {
    const gone = [...this.held.values()].filter((one) => one.deleted);
    return Object.fromEntries(gone.map((one) => [one.annotation.id, one.annotation.revision]));
  }

  apply(edits: readonly Edit[]): { applied: Applied[]; refused: Refused[] } {
    const gestures = new Map<string, Edit[]>();
    for (const edit of edits) {
      const id = edit.gesture ?? edit.id;
      gestures.set(id, [...(gestures.get(id) ?? []), edit]);
    }
    const outcomes = [...gestures.values()].flatMap((gesture) => this.gesture(gesture));
    return {
      applied: outcomes.filter((one) => "kind" in one),
      refused: outcomes.filter((one) => "reason" in one),
    };
  }

  private gesture(edits: readonly Edit[]): (Applied | Refused)[] {
    const draft = new Map<string, Held>();
    const made: Applied[] = [];
    const fresh = edits.filter((edit) => !this.known.has(edit.id));
    for (const edit of fresh) {
      const held = draft.get(edit.annotation) ?? this.held.get(edit.annotation);
      const refusal = this.judge(edit, held, made);
      if (refusal) return edits.map((one) => this.known.get(one.id) ?? this.refuse(one, refusal));
      const revision = edit.base + 1;
      const before = held && !held.deleted ? held.annotation : { geometry: { type: "tag" } };
      const fields = resolve(held?.annotation, edit.after ?? {});
      const after = { ...before, ...fields, id: edit.annotation, revision } as Annotation;
      const gone = edit.kind === "delete";
      draft.set(edit.annotation, { annotation: after, deleted: gone });
      const { id, task, kind, annotation, undoes, redoes } = edit;
      made.push({
        ...{ id, task, kind, annotation, revision, actor: this.actor },
        gesture: edit.gesture ?? id,
        after: gone ? null : (edit.after ?? null),
        ...(undoes ? { undoes } : {}),
        ...(redoes ? { redoes } : {}),
      });
    }
    for (const [id, held] of draft) this.held.set(id, held);
    for (const one of made) this.known.set(one.id, one);
    this.log.push(...fresh);
    return edits.map((edit) => this.known.get(edit.id) as Applied | Refused);
  }

  private judge(
    edit: Edit,
    held: Held | undefined,
    made: readonly Applied[],
  ): RefusalReason | null {
    const { kind, base, after, parent } = edit;
    if (kind !== "delete" && Object.keys(toWire(after)).length === 0) return "invalid";
    if (kind === "create" && !after?.geometry) return "invalid";
    if (kind === "delete" && after) return "invalid";
    if (this.check(edit)) return "invalid";
    if (parent !== undefined && !made.some((one) => one.id === parent)) {
      const outcome = this.known.get(parent);
      if (!outcome) return "early";
      if ("reason" in outcome) return "conflict";
    }
    const revision = held?.annotation.revision ?? 0;
    if (base !== revision) return base < revision ? "conflict" : "early";
    const alive = !!held && !held.deleted;
    if (alive === (kind === "create")) return "invalid";
    if (isPatch(after?.geometry)) {
      if (kind === "create" || !resolve(held?.annotation, after)) return "invalid";
    }
    const fields = Object.keys(after ?? {}).join();
    if (alive && held.annotation.state === "locked" && fields !== "state") return "forbidden";
    return null;
  }

  private refuse(edit: Edit, reason: RefusalReason): Refused {
    const held = this.held.get(edit.annotation);
    const outcome: Refused = {
      id: edit.id,
      task: edit.task,
      annotation: edit.annotation,
      reason,
      message: this.check(edit) || reason,
      current: held && !held.deleted ? held.annotation : null,
      revision: held?.annotation.revision ?? 0,
    };
    if (reason === "conflict") this.known.set(edit.id, outcome);
    return outcome;
  }
}

/** Fields as they come out of JSON: those that are undefined are lost on the way. */
function toWire(fields: Changed | undefined): Changed {
  return JSON.parse(JSON.stringify(fields ?? {})) as Changed;
}
