import type { XY } from "../document/types.ts";
import { isPointer, NOTHING, same, type Tool } from "./tool.ts";

/** Where the lens is, while the button is held. */
export type MagnifyState = XY | null;

export const magnify: Tool<MagnifyState> = {
  name: "magnify",
  label: "Magnifier",
  makes: [],
  cursor: "zoom-in",
  hint: "Hold the button for the lens; the wheel changes how much it magnifies. Z does the same in every tool.",
  start: null,
  busy: (state) => state !== null,

  reduce(state, event) {
    if (event.type === "cancel") return same<MagnifyState>(null);
    if (!isPointer(event)) return same(state);
    if (event.type === "up") return same<MagnifyState>(null);
    if (event.type === "down" || state) return same<MagnifyState>(event.at);
    return same(state);
  },

  preview: (state) => ({ ...NOTHING, lens: state }),
};
