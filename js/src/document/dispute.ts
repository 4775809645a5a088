import type { Draft } from "./document.ts";
import type { Annotation, Answers, Fields, Origin } from "./types.ts";

/** An object, or the answers about an image, as several people have it. */
export interface Dispute {
  readonly id: string;
  readonly frame: number | null;
  /** The class that most gave it; null for the answers about the image. */
  readonly class_name: string | null;
  /** Mean overlap of all pairs of people; null where one person had the item. */
  readonly agreement: number | null;
  /** Share of the pairs who say the same of its class and answers. */
  readonly same: number;
  readonly alike: number;
  /** "class", and names of attributes. */
  readonly differs: readonly string[];
  /** Ids of labels, by who made them. */
  readonly versions: Readonly<Record<string, string>>;
  readonly present: number;
  /** Whether it would be in the fused answer. */
  readonly kept: boolean;
  readonly fused: Annotation | null;
}

/** Whose version: a person's name, or what all of them come to. */
export type Whose = { readonly author: string } | "fused";

/** What was chosen of a question, and whose version it is a part of. */
export const CHOICE = "choice";
export const FUSED = "fused";
const NAME = "adjudication";

/** One of the values that people gave, and who. */
export interface Choice {
  readonly value: string | readonly string[] | null;
  readonly people: readonly string[];
}

/** The labels of the answer by the dispute that they settle. */
export function answersTo(
  disputes: readonly Dispute[],
  labels: Iterable<Annotation>,
): Map<string, Annotation[]> {
  const found = new Map<string, Annotation[]>();
  const bySource = new Map<string, string>();
  let aboutImage: string | null = null;
  for (const { id, versions, class_name } of disputes) {
    if (class_name === null) aboutImage = id;
    for (const source of Object.values(versions)) bySource.set(source, id);
  }
  for (const one of labels) {
    const source = sourcesOf(one).find((name) => bySource.has(name));
    const id = one.class_name == null ? aboutImage : source && bySource.get(source);
    if (!id) continue;
    const there = found.get(id);
    if (there) there.push(one);
    else found.set(id, [one]);
  }
  return found;
}

/** The labels that one was made of. */
function sourcesOf({ origin }: Annotation): string[] {
  if (origin?.kind !== "consensus") return [];
  const { from, of } = origin.parameters ?? {};
  return [from, of].flatMap((names) => (Array.isArray(names) ? names.map(String) : []));
}

/** Whose version a label of the answer is, as its origin has it; null where nobody chose. */
export function takenOf({ origin }: Annotation): string | null {
  const taken = origin?.name === NAME ? origin.parameters?.taken : undefined;
  return typeof taken === "string" ? taken : null;
}

/** How what is taken is recorded: of which labels, and who chose whose. */
function originOf(dispute: Dispute, taken: string, from: readonly string[]): Origin {
  return {
    kind: "consensus",
    name: NAME,
    parameters: {
      taken,
      from: [...from],
      of: Object.values(dispute.versions),
      raters: Object.keys(dispute.versions),
      agreement: dispute.agreement,
    },
  };
}

/**
 * What it takes for a version to be the answer to a dispute: the label that is there becomes it,
 * others of the same dispute go; [] where nobody has such a version.
 */
export function taking(
  dispute: Dispute,
  whose: Whose,
  find: (id: string) => Annotation | undefined,
  here: readonly Annotation[],
  imageId: string,
): Draft[] {
  const author = whose === "fused" ? null : whose.author;
  const source = author === null ? null : dispute.versions[author];
  const version = author === null ? dispute.fused : source ? find(source) : undefined;
  if (!version) return [];
  const from = source ? [source] : Object.values(dispute.versions);
  const origin = originOf(dispute, author ?? FUSED, from);
  return becoming({ ...fieldsOf(version), origin }, here, dispute.class_name === null && imageId);
}

/** The values of a question of a dispute, those that more people gave first. */
export function choices(
  dispute: Dispute,
  name: string,
  find: (id: string) => Annotation | undefined,
): Choice[] {
  const found = new Map<string, { value: Choice["value"]; people: string[] }>();
  for (const [author, id] of Object.entries(dispute.versions)) {
    const one = find(id);
    if (!one) continue;
    const value = name === "class" ? (one.class_name ?? null) : (one.attributes?.[name] ?? null);
    const key = JSON.stringify(value);
    const there = found.get(key);
    if (there) there.people.push(author);
    else found.set(key, { value, people: [author] });
  }
  return [...found.values()].sort((a, b) => b.people.length - a.people.length);
}

/** The answer to one question alone is chosen; what else is said stays as it is, or is fused. */
export function choosing(
  dispute: Dispute,
  name: string,
  { value, people }: Choice,
  find: (id: string) => Annotation | undefined,
  here: readonly Annotation[],
  imageId: string,
): Draft[] {
  const [first] = people.flatMap((author) => find(dispute.versions[author] ?? "") ?? []);
  const base = here[0] ?? dispute.fused ?? first;
  if (!base || !first) return [];
  const before = base.attributes ?? {};
  const said: Fields =
    name === "class"
      ? // Answers belong to the questions of a class.
        { class_name: first.class_name ?? null, attributes: { ...(first.attributes ?? {}) } }
      : { attributes: withAnswer(before, name, value) };
  const taken = (here[0] && takenOf(here[0])) ?? CHOICE;
  const from = people.flatMap((author) => dispute.versions[author] ?? []);
  const origin = originOf(dispute, name === "class" ? CHOICE : taken, from);
  const all = { ...fieldsOf(base), ...said, origin };
  return becoming(all, here, dispute.class_name === null && imageId);
}

function withAnswer(before: Answers, name: string, value: Choice["value"]): Answers {
  const { [name]: _, ...others } = before;
  return value === null ? others : { ...others, [name]: value };
}

function fieldsOf(one: Annotation): Fields {
  return {
    class_name: one.class_name ?? null,
    geometry: one.geometry,
    attributes: one.attributes ?? {},
    frame: one.frame ?? null,
    confidence: one.confidence ?? null,
  };
}

function becoming(after: Fields, here: readonly Annotation[], imageId: string | false): Draft[] {
  const [kept, ...others] = here;
  const { frame, confidence, ...rest } = after;
  // What is absent anyway is not said of a new one.
  const created: Fields = {
    ...rest,
    ...(frame != null && { frame }),
    ...(confidence != null && { confidence }),
  };
  return [
    kept
      ? { kind: "update", annotation: kept.id, after }
      : { kind: "create", ...(imageId && { annotation: imageId }), after: created },
    ...others.map(({ id }) => ({ kind: "delete" as const, annotation: id })),
  ];
}

/** The next dispute of a list, or the one before; at the ends the same one again. */
export function stepped(
  disputes: readonly Dispute[],
  at: string | null,
  way: 1 | -1,
): Dispute | null {
  const now = disputes.findIndex(({ id }) => id === at);
  if (now < 0) return (way > 0 ? disputes[0] : disputes.at(-1)) ?? null;
  return disputes[Math.min(Math.max(now + way, 0), disputes.length - 1)] ?? null;
}
