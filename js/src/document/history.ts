import { type Draft, valuesBefore, valuesOf } from "./document.ts";
import type { Annotation, Applied, Changed, Fields, Gesture, PastGesture, Step } from "./types.ts";

export type Entry = Gesture | PastGesture;

/**
 * The gestures of one person on one task that can be taken back, and those that can be brought
 * again. Undoing is itself a gesture; these stacks only say which one is next.
 */
export class History {
  private undoable: Entry[] = [];
  private redoable: Entry[] = [];

  /** Take over what the store remembers, by the ids of the gestures, the next one last. */
  load(undo: readonly string[], redo: readonly string[]): void {
    this.undoable = undo.map((id) => ({ id, edits: null }));
    this.redoable = redo.map((id) => ({ id, edits: null }));
  }

  get canUndo(): boolean {
    return this.undoable.length > 0;
  }

  get canRedo(): boolean {
    return this.redoable.length > 0;
  }

  get nextUndo(): Entry | undefined {
    return this.undoable.at(-1);
  }

  get nextRedo(): Entry | undefined {
    return this.redoable.at(-1);
  }

  /** Note a gesture that was made: plain, an undo, or a redo. */
  record(gesture: Gesture, undoes?: string | null, redoes?: string | null): void {
    if (undoes) move(this.undoable, this.redoable, undoes);
    else if (redoes) move(this.redoable, this.undoable, redoes);
    else {
      this.undoable.push(gesture);
      this.redoable = [];
    }
  }

  /** A gesture was refused: what it took back can be taken back again, and the other way round. */
  refuse(gesture: string, undoes?: string | null, redoes?: string | null): void {
    if (undoes) move(this.redoable, this.undoable, undoes);
    else if (redoes) move(this.undoable, this.redoable, redoes);
    else this.forget(gesture);
  }

  /** Strike out a gesture. */
  forget(gesture: string): void {
    this.undoable = this.undoable.filter((other) => other.id !== gesture);
    this.redoable = this.redoable.filter((other) => other.id !== gesture);
  }
}

function move(from: Entry[], to: Entry[], id: string): void {
  const index = from.findLastIndex((gesture) => gesture.id === id);
  if (index < 0) return;
  to.push(...from.splice(index, 1));
}

/** The changes that take a gesture back, last step first. */
export function inverse(gesture: Gesture): Draft[] {
  return [...gesture.edits].reverse().map(invert);
}

function invert(step: Step): Draft {
  const annotation = step.annotation;
  if (step.kind === "create") return { kind: "delete", annotation };
  if (step.kind === "delete") return { kind: "create", annotation, after: whole(step.before) };
  return { kind: "update", annotation, after: step.before ?? {} };
}

/** The fields of a create or delete, which are never a patch. */
function whole(fields: Changed | null | undefined): Fields {
  return (fields ?? {}) as Fields;
}

/** The changes that make a gesture again. */
export function again(gesture: Gesture): Draft[] {
  return gesture.edits.map(({ kind, annotation, after }) => {
    if (kind === "delete") return { kind, annotation };
    if (kind === "create") return { kind, annotation, after: whole(after) };
    return { kind, annotation, after: after ?? {} };
  });
}

/** What was done elsewhere, as a step that can be taken back. */
export function stepOf(edit: Applied, was: Annotation | undefined): Step {
  const { kind, annotation, after = null } = edit;
  if (kind === "create" || !was) return { kind, annotation, before: null, after };
  const before = kind === "update" ? valuesBefore(was, after ?? {}) : valuesOf(was);
  return { kind, annotation, before, after };
}
