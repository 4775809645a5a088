import type { Geometry, ObjectClass, Ontology } from "../document/types.ts";
import type { Drawn } from "../tools/tool.ts";

/** What a labeller is asked for. */
export type Mode = "segmentation" | "classification" | "both";

/** The classes that can be chosen; the retired ones are only shown where labels have them. */
export function offered(ontology: Ontology): readonly ObjectClass[] {
  return (ontology.classes ?? []).filter((made) => !made.retired);
}

/** The geometry that the objects of a class have. */
export function geometryOf(made: ObjectClass | undefined): Geometry["type"] {
  const tool = (made?.tool ?? "rectangle") as Drawn;
  if (tool === "ruler" || tool === "angle") return "polyline";
  return tool === "bidirectional" ? "keypoints" : tool;
}

/**
 * What tools may make for a class: on a scan, the pixels of a slice go into a mask through the stack;
 * elsewhere there is no such mask to be drawn.
 */
export function drawnAs(made: ObjectClass | undefined, scan: boolean): Drawn[] {
  const type = (made?.tool ?? "rectangle") as Drawn;
  if (type !== "volumemask") return [type];
  return scan ? [type, "mask"] : [];
}

/** Is it what happens from one frame to another, without a place? It has a lane, and is not drawn. */
export function isEventClass(made: ObjectClass): boolean {
  return geometryOf(made) === "interval";
}

/** Does the class say something of the image as a whole? It is then switched, not drawn. */
export function isTag(made: ObjectClass): boolean {
  return geometryOf(made) === "tag";
}

/** The ontology as far as a mode asks for it. */
export function within(ontology: Ontology, mode: Mode): Ontology {
  return mode === "segmentation" ? { ...ontology, image_attributes: [] } : ontology;
}

/** What a person labels of a task that others label at the same time: these classes and no others. */
export interface Scope {
  readonly classes: readonly string[];
  /** Are the questions about the image this person's too? */
  readonly questions: boolean;
}

/** The ontology as far as a task is about it: what others label is shown, and not offered. */
export function scoped(ontology: Ontology, scope: Scope | null | undefined): Ontology {
  if (!scope) return ontology;
  const classes = (ontology.classes ?? []).map((made) =>
    scope.classes.includes(made.name) ? made : { ...made, retired: true, hotkey: null },
  );
  return { ...ontology, classes, ...(scope.questions ? {} : { image_attributes: [] }) };
}

/**
 * The new ontology with those classes of the old one, retired, that are still in use here: labels
 * keep their colour and their questions, and what is half drawn can be finished.
 */
export function keeping(old: Ontology, now: Ontology, used: ReadonlySet<string>): Ontology {
  const known = new Set(
    (now.classes ?? []).flatMap((made) => [made.name, ...(made.formerly ?? [])]),
  );
  const gone = (old.classes ?? []).filter((made) => used.has(made.name) && !known.has(made.name));
  if (gone.length === 0) return now;
  const retired = gone.map((made) => ({ ...made, retired: true, hotkey: null }));
  return { ...now, classes: [...(now.classes ?? []), ...retired] };
}

/** Names of classes in use that were offered before and are not any more. */
export function withdrawn(old: Ontology, now: Ontology, used: ReadonlySet<string>): string[] {
  const still = new Set(offered(now).flatMap((made) => [made.name, ...(made.formerly ?? [])]));
  return offered(old)
    .map((made) => made.name)
    .filter((name) => used.has(name) && !still.has(name));
}
