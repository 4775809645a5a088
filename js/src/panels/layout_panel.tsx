import { commandKey } from "./keys.ts";
import { LAYOUTS } from "./panes.ts";
import type { Room } from "./room.ts";
import type { Layout } from "./state.ts";

const NAMES: Readonly<Record<Layout, string>> = {
  auto: "Automatic",
  "1x1": "One",
  "1x2": "Two side by side",
  "2x1": "Two, one above the other",
  "2x2": "Four",
  reformats: "Reformats: slices and cuts across them",
};

/** How many pictures are seen at once, and whether they move together. */
export function LayoutPanel({ room }: { room: Room }) {
  const { state } = room;
  if (!state.layoutOpen.value) return null;
  const layouts = (Object.keys(LAYOUTS) as Layout[]).filter(
    (layout) => layout !== "reformats" || room.onScan,
  );
  return (
    <div class="lw-popover lw-view lw-layouts" role="dialog" aria-label="Pictures at once">
      <div class="lw-popover-head">
        <span class="lw-name">Pictures at once</span>
      </div>
      {layouts.map((layout) => {
        const [rows, columns] = LAYOUTS[layout] ?? [0, 0];
        return (
          <button
            type="button"
            key={layout}
            class="lw-class"
            aria-pressed={state.layout.value === layout}
            onClick={() => {
              state.layoutOpen.value = false;
              room.looks.useLayout(layout);
            }}
          >
            <span
              class="lw-grid-icon"
              style={{ gridTemplateColumns: `repeat(${columns || 1}, 1fr)` }}
            >
              {Array.from({ length: rows * columns || 1 }, (_, i) => (
                <i key={i} />
              ))}
            </span>
            <span class="lw-name">{NAMES[layout]}</span>
            <kbd>{commandKey(`view.layout.${layout}`)}</kbd>
          </button>
        );
      })}
      <label class="lw-option">
        <input
          type="checkbox"
          checked={state.linked.value}
          onChange={(event) => room.looks.link(event.currentTarget.checked)}
        />
        <span>Zoom and go on together</span>
        <kbd>{commandKey("view.link")}</kbd>
      </label>
      {room.onScan && (
        <label class="lw-option">
          <input
            type="checkbox"
            checked={room.linking.lined.value}
            onChange={() => room.linking.toggleLines()}
          />
          <span>Lines of the cross-hair</span>
          <kbd>{commandKey("view.lines")}</kbd>
        </label>
      )}
    </div>
  );
}
