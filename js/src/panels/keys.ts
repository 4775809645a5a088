import table from "../../../labelwidgets/schema/keys.json";

export interface Command {
  readonly id: string;
  readonly key: string;
  readonly also?: readonly string[];
  readonly group: string;
  readonly label: string;
  /** Which items alone it is for, of "scan" and "video". */
  readonly of?: string;
}

/** The keys of the widgets, from the same file that the kernel checks hotkeys against. */
export const COMMANDS: readonly Command[] = table.commands;

/** Keys that stand for something else while a task is judged. */
export const REVIEW_KEYS: readonly Omit<Command, "group">[] = table.review;

/** Keys that stand for something else while opinions are settled. */
export const ADJUDICATE_KEYS: readonly Omit<Command, "group">[] = table.adjudicate;

/** What is done with the open task beside labelling it. */
export interface Judging {
  readonly judges: boolean;
  /** Opinions are settled, and no answer is being drawn. */
  readonly settles: boolean;
}

const JUDGING = new Set(REVIEW_KEYS.map(({ key }) => key));
const SETTLING = new Set([
  ...ADJUDICATE_KEYS.map(({ key }) => key),
  ...Array.from({ length: 9 }, (_, i) => `${i + 1}`),
]);

/** The key of a command as it is now: one that stands for a verdict while a task is judged is none. */
export function keyNow(id: string, { judges, settles }: Judging): string {
  const key = commandKey(id);
  return (judges && JUDGING.has(key)) || (settles && SETTLING.has(key)) ? "" : key;
}

const BY_KEY = new Map(
  COMMANDS.flatMap((command) =>
    [command.key, ...(command.also ?? [])].map((key) => [key, command.id] as const),
  ),
);

const NAMED: Readonly<Record<string, string>> = { " ": "Space", Esc: "Escape" };

/** The one spelling of the key that was pressed, such as Ctrl+Shift+C. */
export function keyName(event: KeyboardEvent): string {
  const key = NAMED[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key);
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push("Ctrl");
  if (event.altKey) parts.push("Alt");
  const digit = digitOf(event);
  // What sign Shift makes of a key depends on the keyboard: the sign alone is its name.
  const sign = digit === null && key.length === 1 && !/[\p{L}\p{N}]/u.test(key);
  if (event.shiftKey && !sign) parts.push("Shift");
  return [...parts, digit ?? key].join("+");
}

/** A digit keeps its name whatever Shift or Alt make of it on this keyboard. */
function digitOf(event: KeyboardEvent): string | null {
  if (!event.shiftKey && !event.altKey) return null;
  return /^Digit(\d)$/.exec(event.code)?.[1] ?? null;
}

export function commandFor(key: string): string | undefined {
  return BY_KEY.get(key);
}

/** The key of a command, "" where it has none. */
export function commandKey(id: string): string {
  return COMMANDS.find((command) => command.id === id)?.key ?? "";
}

/** Keys that belong to the browser or the notebook even while the pointer is over the widget. */
export function belongsToHost(event: KeyboardEvent): boolean {
  const key = event.key.toLowerCase();
  if (["f5", "f12"].includes(key)) return true;
  return (event.ctrlKey || event.metaKey) && ["s", "r", "t", "w", "n", "l"].includes(key);
}

/** Is something in hand that wants letters for itself? */
export function isTyping(target: Element | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement)
    return !["checkbox", "radio", "button", "range"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
