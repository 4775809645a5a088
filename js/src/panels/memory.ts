import { effect } from "@preact/signals";
import type { State } from "./state.ts";

/** How a person left the panels of a project. */
interface Remembered {
  readonly side: boolean;
  readonly strip: boolean;
  readonly className: string | null;
}

/** Bring the panels back as this person left them in this project, and remember them from now on. */
export function rememberPanels(
  state: State,
  project: string,
  user: string,
  signal: AbortSignal,
): void {
  const key = `labelwidgets:${project}:${user}`;
  const before = read(key);
  if (before) {
    state.sideOpen.value = before.side;
    state.stripOpen.value = before.strip;
    const known = (state.ontology.value.classes ?? []).some(
      (made) => made.name === before.className,
    );
    if (known) state.className.value = before.className;
  }
  const stop = effect(() => {
    const now: Remembered = {
      side: state.sideOpen.value,
      strip: state.stripOpen.value,
      className: state.className.value,
    };
    // Where the panels fold by themselves, nobody chose.
    if (!state.narrow.value) write(key, now);
  });
  signal.addEventListener("abort", stop);
}

function read(key: string): Remembered | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    if (typeof value !== "object" || value === null) return null;
    const { side, strip, className } = value as Record<string, unknown>;
    if (typeof side !== "boolean" || typeof strip !== "boolean") return null;
    return { side, strip, className: typeof className === "string" ? className : null };
  } catch {
    return null;
  }
}

function write(key: string, value: Remembered): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Some browsers keep nothing; the panels are then as they come.
  }
}
