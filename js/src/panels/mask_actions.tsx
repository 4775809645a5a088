import { signal } from "@preact/signals";
import type { Room } from "./room.ts";

/** How many pixels a mask grows or shrinks, and below how many an island is small. */
const margin = signal(2);
const least = signal(100);

/** What can be done to the masks that are selected. */
export function MaskActions({ room }: { room: Room }) {
  const { state, masks } = room;
  // Read so that it is drawn again with another selection, or another kind of shape in it.
  void state.version.value;
  const count = masks.selected.length;
  if (count === 0 || state.readOnly.value) return null;
  const act = (label: string, title: string, run: () => void) => (
    <button type="button" class="lw-action" title={title} onClick={run}>
      {label}
    </button>
  );
  return (
    <section class="lw-section lw-masks" aria-label="Mask">
      <h3>
        Mask <span class="lw-count">{count > 1 ? count : ""}</span>
      </h3>
      <div class="lw-actions">
        {act("Fill holes", "Fill what the mask encloses (Shift+F)", () => masks.fillHoles())}
        {act("Keep largest", "Keep the largest island alone (Shift+I)", () => masks.keepLargest())}
        {count > 1 &&
          act("Join", "Put them together in the one selected first (Shift+J)", () => masks.join())}
        {count > 1 &&
          act(
            "Subtract",
            "Take the pixels of the one selected last from the others (Shift+S)",
            () => masks.subtract(),
          )}
      </div>
      <div class="lw-actions">
        <Pixels label="Margin" max={1000} value={margin} />
        {act("Grow", "Grow by the margin (Shift+])", () => masks.grow(margin.value))}
        {act("Shrink", "Shrink by the margin (Shift+[)", () => masks.shrink(margin.value))}
      </div>
      <div class="lw-actions">
        <Pixels label="Islands below" max={1e9} value={least} />
        {act("Remove", "Remove the islands that have fewer pixels", () =>
          masks.removeSmall(least.value),
        )}
      </div>
    </section>
  );
}

interface PixelsProps {
  readonly label: string;
  readonly max: number;
  readonly value: typeof margin;
}

function Pixels({ label, max, value }: PixelsProps) {
  return (
    <label class="lw-option">
      {label}
      <input
        type="number"
        min={1}
        max={max}
        step={1}
        value={value.value}
        onChange={(event) => {
          const wanted = event.currentTarget.valueAsNumber;
          if (Number.isFinite(wanted)) value.value = Math.min(Math.max(wanted, 1), max);
          event.currentTarget.value = String(value.value);
        }}
      />
      <span class="lw-unit">px</span>
    </label>
  );
}
