import { SHAPINGS, type Shaping } from "../tools/shaping.ts";
import { IconButton } from "./icon_button.tsx";
import type { IconName } from "./icons.tsx";
import { commandKey } from "./keys.ts";
import type { Room } from "./room.ts";
import { LARGEST_TOLERANCE } from "./shapes_at_once.ts";

const LOOKS: Readonly<Record<Shaping, { icon: IconName; label: string; several: boolean }>> = {
  unite: { icon: "unite", label: "Unite", several: true },
  subtract: { icon: "subtract", label: "Subtract from the first", several: true },
  intersect: { icon: "intersect", label: "Intersect", several: true },
  join: { icon: "join", label: "Join", several: true },
  fill: { icon: "fillHoles", label: "Fill holes", several: false },
  detach: { icon: "detach", label: "Detach parts", several: false },
  simplify: { icon: "simplify", label: "Simplify", several: false },
};

/** What can be done to the selected polygons and lines. */
export function ShapeRow({ room }: { room: Room }) {
  const { state, shapes } = room;
  void state.version.value;
  void state.settings.value;
  const count = state.selection.value.filter((id) => shapes.takes(id)).length;
  if (count === 0 || state.readOnly.value) return null;
  return (
    <section class="lw-section lw-shape-row" aria-label="Shape">
      <div class="lw-shapings">
        {SHAPINGS.map((what) => {
          const { icon, label, several } = LOOKS[what];
          return (
            <IconButton
              key={what}
              icon={icon}
              label={label}
              hint={commandKey(`shape.${what}`)}
              disabled={several && count < 2}
              onClick={() => {
                shapes.shape(what);
                room.focus();
              }}
            />
          );
        })}
      </div>
      <label class="lw-option">
        Simplify
        <input
          type="range"
          aria-label="Simplify by"
          min="0.1"
          max={LARGEST_TOLERANCE}
          step="0.1"
          value={shapes.tolerance}
          onInput={(event) => {
            shapes.tolerance = Number(event.currentTarget.value);
          }}
        />
        <span
          class="lw-value"
          title="Points now, and when simplified"
        >{`${shapes.tolerance} px, ${shapes.forecast()}`}</span>
      </label>
    </section>
  );
}
