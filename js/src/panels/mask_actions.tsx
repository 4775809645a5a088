import type { Signal } from "@preact/signals";
import { commandKey } from "./keys.ts";
import type { Room } from "./room.ts";

/** What can be done to the masks that are selected. */
export function MaskActions({ room }: { room: Room }) {
  const { state, masks } = room;
  // Read so that it is drawn again with another selection, or another kind of shape in it.
  void state.version.value;
  const count = masks.selected.length;
  if (state.readOnly.value || count + masks.polygons.length === 0) return null;
  const act = (label: string, title: string, run: () => void, command = "") => {
    const key = commandKey(command);
    return (
      <button
        type="button"
        class="lw-button lw-small"
        title={key ? `${title} (${key})` : title}
        aria-keyshortcuts={key || undefined}
        onClick={() => {
          run();
          room.focus();
        }}
      >
        {label}
      </button>
    );
  };
  return (
    <section class="lw-section lw-masks" aria-label="Mask">
      <h3>
        Mask <span class="lw-count">{count > 1 ? count : ""}</span>
      </h3>
      {count > 0 && (
        <>
          <div class="lw-actions">
            {act(
              "Fill holes",
              "Fill what the mask encloses",
              () => masks.fillHoles(),
              "shape.fill",
            )}
            {act(
              "Keep largest",
              "Keep the largest island",
              () => masks.keepLargest(),
              "mask.largest",
            )}
            {count > 1 &&
              act("Join", "Put all into the mask selected first", () => masks.join(), "shape.join")}
            {count > 1 &&
              act(
                "Subtract",
                "Take the pixels of the mask selected last from the others",
                () => masks.subtract(),
                "shape.subtract",
              )}
          </div>
          <div class="lw-actions">
            <Pixels label="Margin" max={1000} value={masks.margin} />
            {act("Grow", "Grow by the margin", () => masks.grow(), "mask.grow")}
            {act("Shrink", "Shrink by the margin", () => masks.shrink(), "mask.shrink")}
          </div>
          <div class="lw-actions">
            <Pixels label="Islands below" max={1e9} value={masks.least} />
            {act("Remove", "Remove islands that have fewer pixels", () => masks.removeSmall())}
          </div>
          <label class="lw-option">
            Coarseness
            <input
              type="range"
              min={0}
              max={20}
              step={0.5}
              value={masks.coarseness.value}
              onInput={(event) => {
                masks.coarseness.value = event.currentTarget.valueAsNumber;
              }}
            />
            <span class="lw-value">{`${masks.coarseness.value} px, ${masks.forecast()}`}</span>
          </label>
        </>
      )}
      <div class="lw-actions">
        {count > 0
          ? act("To polygon", "Make polygons of the masks", () => masks.convert(), "mask.convert")
          : act("To mask", "Make masks of the polygons", () => masks.convert(), "mask.convert")}
      </div>
    </section>
  );
}

interface PixelsProps {
  readonly label: string;
  readonly max: number;
  readonly value: Signal<number>;
}

function Pixels({ label, max, value }: PixelsProps) {
  return (
    <label class="lw-option" title={`${label}, in pixels`}>
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
    </label>
  );
}
