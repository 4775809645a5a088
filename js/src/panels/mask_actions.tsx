import type { Signal } from "@preact/signals";
import { commandKey } from "./keys.ts";
import type { Room } from "./room.ts";
import { VolumeFacts } from "./volume_facts.tsx";

/** What can be done to the masks that are selected. */
export function MaskActions({ room }: { room: Room }) {
  const { state, masks, volumeMasks } = room;
  // Read so that it is drawn again with another selection, or another kind of shape in it.
  void state.version.value;
  void state.frame.value;
  const count = masks.selected.length;
  const through = volumeMasks.selected.length;
  const polygons = masks.polygons.length;
  if (state.readOnly.value || count + polygons === 0) return null;
  const whole = masks.whole ? volumeMasks : null;
  const act = (label: string, title: string, run: () => unknown, command = "") => {
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
        {through > 0 && through === count && (
          <label class="lw-option lw-deep" title="Change the mask through all its slices">
            <input
              type="checkbox"
              checked={masks.deep.value}
              onChange={(event) => {
                masks.deep.value = event.currentTarget.checked;
              }}
            />
            In 3D
          </label>
        )}
      </h3>
      <VolumeFacts room={room} />
      {count > 0 && (
        <>
          <div class="lw-actions">
            {act(
              "Fill holes",
              whole ? "Fill what the mask encloses on all sides" : "Fill what the mask encloses",
              () => (whole ?? masks).fillHoles(),
              "shape.fill",
            )}
            {act(
              "Keep largest",
              whole ? "Keep the largest island through the stack" : "Keep the largest island",
              () => (whole ?? masks).keepLargest(),
              "mask.largest",
            )}
            {count > 1 &&
              act(
                "Join",
                "Put all into the mask selected first",
                () => (whole ?? masks).join(),
                "shape.join",
              )}
            {count > 1 &&
              act(
                "Subtract",
                "Take the pixels of the mask selected last from the others",
                () => (whole ?? masks).subtract(),
                "shape.subtract",
              )}
          </div>
          <div class="lw-actions">
            {whole ? (
              <Amount label="Margin mm" unit="mm" max={500} least={0.1} value={whole.margin} />
            ) : (
              <Amount label="Margin" unit="pixels" max={1000} value={masks.margin} />
            )}
            {act("Grow", "Grow by the margin", () => (whole ?? masks).grow(), "mask.grow")}
            {act("Shrink", "Shrink by the margin", () => (whole ?? masks).shrink(), "mask.shrink")}
          </div>
          <div class="lw-actions">
            {whole ? (
              <>
                <Amount
                  label="Islands below"
                  unit={whole.unit.value}
                  max={1e9}
                  least={whole.unit.value === "ml" ? 0.001 : 1}
                  value={whole.least}
                />
                {whole.voxel !== null && (
                  <select
                    class="lw-input"
                    aria-label="Unit of islands"
                    value={whole.unit.value}
                    onChange={(event) => {
                      whole.unit.value = event.currentTarget.value === "ml" ? "ml" : "voxels";
                      whole.least.value = whole.unit.value === "ml" ? 1 : 100;
                    }}
                  >
                    <option value="voxels">voxels</option>
                    <option value="ml">ml</option>
                  </select>
                )}
              </>
            ) : (
              <Amount label="Islands below" unit="pixels" max={1e9} value={masks.least} />
            )}
            {act("Remove", "Remove the islands that are smaller", () =>
              (whole ?? masks).removeSmall(),
            )}
          </div>
          {through === 0 && (
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
          )}
        </>
      )}
      {room.onScan && through > 0 && (
        <div class="lw-actions">
          {act(
            "Fill between",
            "Propose masks for the slices between those that have one",
            () => volumeMasks.interpolate(),
            "mask.between",
          )}
          {act("Clear slice", "Take the mask from this slice", () => masks.clear(), "mask.clear")}
        </div>
      )}
      <div class="lw-actions">
        {room.onScan &&
          act("Copy back", "Copy to the slice before", () => masks.copyOn(-1), "mask.previous")}
        {room.onScan &&
          act("Copy on", "Copy to the slice after", () => masks.copyOn(1), "mask.next")}
      </div>
      <div class="lw-actions">
        {through === 0 &&
          (count > 0
            ? act("To polygon", "Make polygons of the masks", () => masks.convert(), "mask.convert")
            : act("To mask", "Make masks of the polygons", () => masks.convert(), "mask.convert"))}
        {room.onScan &&
          through === 0 &&
          act("To volume", "Make one mask through the slices of each class", () =>
            masks.toVolumes(),
          )}
        {through > 0 && act("To slices", "Make a mask on each slice of it", () => masks.toSlices())}
      </div>
    </section>
  );
}

interface AmountProps {
  readonly label: string;
  readonly unit: string;
  readonly max: number;
  readonly least?: number;
  readonly value: Signal<number>;
}

function Amount({ label, unit, max, least = 1, value }: AmountProps) {
  return (
    <label class="lw-option" title={`${label}, in ${unit}`}>
      {label}
      <input
        type="number"
        min={least}
        max={max}
        step={least}
        value={value.value}
        onChange={(event) => {
          const wanted = event.currentTarget.valueAsNumber;
          if (Number.isFinite(wanted)) value.value = Math.min(Math.max(wanted, least), max);
          event.currentTarget.value = String(value.value);
        }}
      />
    </label>
  );
}
