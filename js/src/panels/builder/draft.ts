import type { Attribute, ChoiceAttribute, ObjectClass, Ontology } from "../../document/types.ts";

/** An ontology that is being written; each step makes a new one. */
export type Draft = Ontology;

/** Where questions are: at a class, or at the image. */
export type Owner = number | "image";

export function classesOf(draft: Draft): readonly ObjectClass[] {
  return draft.classes ?? [];
}

export function questionsOf(draft: Draft, owner: Owner): readonly Attribute[] {
  if (owner === "image") return draft.image_attributes ?? [];
  return classesOf(draft)[owner]?.attributes ?? [];
}

export function withClass(draft: Draft, index: number, fields: Partial<ObjectClass>): Draft {
  const classes = classesOf(draft).map((made, at) =>
    at === index ? { ...made, ...fields } : made,
  );
  return { ...draft, classes };
}

export function withQuestions(draft: Draft, owner: Owner, asked: readonly Attribute[]): Draft {
  return owner === "image"
    ? { ...draft, image_attributes: asked }
    : withClass(draft, owner, { attributes: asked });
}

export function withQuestion(
  draft: Draft,
  owner: Owner,
  index: number,
  fields: Partial<ChoiceAttribute>,
): Draft {
  const asked = questionsOf(draft, owner);
  const made = asked.map((one, at) => (at === index ? ({ ...one, ...fields } as Attribute) : one));
  return withQuestions(draft, owner, made);
}

export function moved<T>(list: readonly T[], from: number, to: number): readonly T[] {
  const rest = list.filter((_, at) => at !== from);
  const one = list[from];
  return one === undefined ? list : [...rest.slice(0, to), one, ...rest.slice(to)];
}

export function without<T>(list: readonly T[], index: number): readonly T[] {
  return list.filter((_, at) => at !== index);
}

/** A name that none of these has, such as “class 3”. */
export function freeName(kind: string, taken: readonly string[]): string {
  for (let number = taken.length + 1; ; number++) {
    const name = `${kind} ${number}`;
    if (!taken.includes(name)) return name;
  }
}

interface Named {
  readonly name: string;
  readonly formerly?: readonly string[];
}

/**
 * The former names of a thing that gets another name: with the one that it has in the saved
 * ontology. What was typed on the way was nobody's name, or is that of another thing.
 */
function formerly(
  things: readonly Named[],
  index: number,
  saved: ReadonlySet<string>,
  name: string,
): readonly string[] {
  const thing = things[index];
  if (!thing) return [];
  const known = (thing.formerly ?? []).some((one) => saved.has(one));
  const others = things.some((one, at) => at !== index && one.name === thing.name);
  const own = !known && !others && saved.has(thing.name) ? [thing.name] : [];
  return [...new Set([...(thing.formerly ?? []), ...own])].filter((one) => one !== name);
}

/** Give a class another name; a saved one remembers its old name, so that its labels follow. */
export function renameClass(draft: Draft, base: Ontology, index: number, name: string): Draft {
  const made = classesOf(draft)[index];
  if (!made) return draft;
  const saved = new Set(classesOf(base).map((one) => one.name));
  return withClass(draft, index, {
    name,
    formerly: formerly(classesOf(draft), index, saved, name),
  });
}

/** The saved question that a question is, or was. */
export function savedQuestion(
  draft: Draft,
  base: Ontology,
  owner: Owner,
  question: Attribute,
): Attribute | undefined {
  const names = [question.name, ...(question.formerly ?? [])];
  return savedQuestions(draft, base, owner).find((one) => names.includes(one.name));
}

function savedQuestions(draft: Draft, base: Ontology, owner: Owner): readonly Attribute[] {
  if (owner === "image") return base.image_attributes ?? [];
  return savedClass(base, classesOf(draft)[owner])?.attributes ?? [];
}

export function savedClass(base: Ontology, made: ObjectClass | undefined): ObjectClass | undefined {
  const names = made ? [made.name, ...(made.formerly ?? [])] : [];
  return classesOf(base).find((one) => names.includes(one.name));
}

/** Give a question another name; those that depend on it follow. */
export function renameQuestion(
  draft: Draft,
  base: Ontology,
  owner: Owner,
  index: number,
  name: string,
): Draft {
  const asked = questionsOf(draft, owner);
  const old = asked[index];
  if (!old) return draft;
  const saved = new Set(savedQuestions(draft, base, owner).map((one) => one.name));
  const made = asked.map((one, at) => {
    if (at === index)
      return { ...one, name, formerly: formerly(asked, index, saved, name) } as Attribute;
    if (!one.shown_if || !Object.hasOwn(one.shown_if, old.name)) return one;
    const entries = Object.entries(one.shown_if).map(([other, answers]) => [
      other === old.name ? name : other,
      answers,
    ]);
    return { ...one, shown_if: Object.fromEntries(entries) } as Attribute;
  });
  return withQuestions(draft, owner, made);
}

/** Call an option otherwise; a saved one remembers its old name, and conditions follow. */
export function renameOption(
  draft: Draft,
  base: Ontology,
  owner: Owner,
  index: number,
  at: number,
  name: string,
): Draft {
  const asked = questionsOf(draft, owner);
  const question = asked[index];
  if (!question || question.type === "text") return draft;
  const old = question.options[at];
  if (old === undefined) return draft;
  const saved = savedQuestion(draft, base, owner, question);
  const known = saved && saved.type !== "text" && saved.options.includes(old);
  const entries = Object.entries(question.former_options ?? {}).map(([former, now]) => [
    former,
    now === old ? name : now,
  ]);
  if (known) entries.push([old, name]);
  const former = Object.fromEntries(entries.filter(([was]) => was !== name));
  const options = question.options.map((one, place) => (place === at ? name : one));
  const made = asked.map((one, place) => {
    if (place === index) return { ...question, options, former_options: former } as Attribute;
    const answers = one.shown_if?.[question.name];
    if (!answers?.includes(old)) return one;
    const now = answers.map((answer) => (answer === old ? name : answer));
    return { ...one, shown_if: { ...one.shown_if, [question.name]: now } } as Attribute;
  });
  return withQuestions(draft, owner, made);
}

/** Make a question of another type; options are kept where it has some. */
export function retype(question: Attribute, type: Attribute["type"]): Attribute {
  const { name, required, shown_if, description, retired, formerly: former } = question;
  const common = {
    name,
    ...(required ? { required } : {}),
    ...(shown_if ? { shown_if } : {}),
    ...(description ? { description } : {}),
    ...(retired ? { retired } : {}),
    ...(former?.length ? { formerly: former } : {}),
  };
  if (type === "text") return { type, ...common };
  const old = question.type === "text" ? null : question;
  return {
    type,
    ...common,
    options: old?.options ?? ["yes", "no"],
    ...(old?.retired_options?.length ? { retired_options: old.retired_options } : {}),
    ...(old?.former_options ? { former_options: old.former_options } : {}),
  };
}

/** Joints on a circle, for a skeleton that has no template yet. */
export function onCircle(count: number): (readonly [number, number])[] {
  return Array.from({ length: count }, (_, at) => {
    const angle = (2 * Math.PI * at) / Math.max(1, count) - Math.PI / 2;
    return [round(0.5 + 0.38 * Math.cos(angle)), round(0.5 + 0.38 * Math.sin(angle))] as const;
  });
}

export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
