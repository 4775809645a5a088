import { effect } from "@preact/signals";
import { FILL } from "../render/paint.ts";
import { PLAIN, type Tone } from "../render/tone.ts";
import type { Settings } from "../tools/option.ts";
import { offered } from "./offer.ts";
import { type State, TRACKING, type Tracking } from "./state.ts";

/** How a person left the panels of a project. */
interface Remembered {
  readonly side: boolean;
  readonly strip: boolean;
  readonly className: string | null;
  readonly settings: Readonly<Record<string, Settings>>;
  readonly tone: Tone;
  readonly fill: number;
  readonly marks: boolean;
  readonly tracking: Tracking;
  readonly lanes: boolean;
  readonly lanesHeight: number;
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
    state.settings.value = before.settings;
    state.tone.value = before.tone;
    state.fill.value = before.fill;
    state.marks.value = before.marks;
    state.tracking.value = before.tracking;
    state.lanesOpen.value = before.lanes;
    state.lanesHeight.value = before.lanesHeight;
    const known = offered(state.ontology.value).some((made) => made.name === before.className);
    if (known) state.className.value = before.className;
  }
  const stop = effect(() => {
    const now: Remembered = {
      side: state.sideOpen.value,
      strip: state.stripOpen.value,
      className: state.className.value,
      settings: state.settings.value,
      tone: state.tone.value,
      fill: state.fill.value,
      marks: state.marks.value,
      tracking: state.tracking.value,
      lanes: state.lanesOpen.value,
      lanesHeight: state.lanesHeight.value,
    };
    // Where the panels fold by themselves, nobody chose.
    if (!state.narrow.value) write(key, now);
  });
  signal.addEventListener("abort", stop);
}

/** Has this person been shown this text in this project? From now on, yes. */
export function seenBefore(project: string, user: string, text: string): boolean {
  const key = `labelwidgets:guide:${project}:${user}`;
  try {
    if (localStorage.getItem(key) === text) return true;
    localStorage.setItem(key, text);
  } catch {
    // Where nothing is kept it is shown each time.
  }
  return false;
}

function read(key: string): Remembered | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    if (typeof value !== "object" || value === null) return null;
    const { side, strip, className, settings, tone, fill, marks, tracking, lanes, lanesHeight } =
      value as Record<string, unknown>;
    if (typeof side !== "boolean" || typeof strip !== "boolean") return null;
    return {
      side,
      strip,
      className: typeof className === "string" ? className : null,
      settings: settingsIn(settings),
      tone: toneIn(tone),
      fill: within(fill, 0, 1, FILL),
      marks: marks !== false,
      tracking: trackingIn(tracking),
      lanes: lanes !== false,
      lanesHeight: within(lanesHeight, 56, 480, 116),
    };
  } catch {
    return null;
  }
}

/** What values mean is for each option to judge; here they only have to be groups of values. */
function settingsIn(value: unknown): Readonly<Record<string, Settings>> {
  if (typeof value !== "object" || value === null) return {};
  const groups = Object.entries(value).filter(([, group]) => typeof group === "object" && group);
  return Object.fromEntries(groups) as Record<string, Settings>;
}

function trackingIn(value: unknown): Tracking {
  if (typeof value !== "object" || value === null) return TRACKING;
  const { video, image_sequence } = value as Record<string, unknown>;
  return { video: video !== false, image_sequence: image_sequence === true };
}

function toneIn(value: unknown): Tone {
  if (typeof value !== "object" || value === null) return PLAIN;
  const { brightness, contrast, gamma, invert, window } = value as Record<string, unknown>;
  const [low, high] = Array.isArray(window) ? window : [];
  return {
    ...PLAIN,
    brightness: within(brightness, -100, 100, 0),
    contrast: within(contrast, -100, 100, 0),
    gamma: within(gamma, 0.25, 4, 1),
    invert: invert === true,
    window: Number.isFinite(low) && Number.isFinite(high) ? [low, high] : null,
  };
}

function within(value: unknown, least: number, most: number, otherwise: number): number {
  return typeof value === "number" && value >= least && value <= most ? value : otherwise;
}

function write(key: string, value: Remembered): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Some browsers keep nothing; the panels are then as they come.
  }
}
