import { NOTHING, same, type Tool } from "./tool.ts";

/**
 * Drags the window of the picture. The hand's way on the screen counts, not the place in the
 * picture: the viewport tells it, as it does for the right button in every tool.
 */
export const windowing: Tool<null> = {
  name: "windowing",
  label: "Window",
  makes: [],
  cursor: "move",
  hint: "Drag to the right for a wider window, down for a higher level; a double click takes it back. The right button does the same in every tool.",
  start: null,
  busy: () => false,
  reduce: (state) => same(state),
  preview: () => NOTHING,
};
