import { isPointer, NOTHING, same, type Tool } from "./tool.ts";

/** Is the button down? */
export type CrosshairState = boolean;

/** Brings all panes that share the patient's coordinates to the voxel that is pointed at. */
export const crosshair: Tool<CrosshairState> = {
  name: "crosshair",
  label: "Cross-hair",
  makes: [],
  scans: true,
  cursor: "crosshair",
  hint: "Click or drag: all panes go to that place. Lines show where they cut each other, and can be dragged.",
  start: false,
  busy: () => false,

  reduce(pressed, event) {
    if (event.type === "cancel") return same(false);
    if (!isPointer(event)) return same(pressed);
    if (event.type === "down" || (event.type === "move" && pressed))
      return same<CrosshairState>(true, { type: "centre", at: event.at });
    return same(event.type === "move" && pressed);
  },

  preview: () => NOTHING,
};
