import { useEffect, useRef } from "preact/hooks";
import { FILL } from "../render/paint.ts";
import { greyRangeOf } from "../render/picture.ts";
import type { Tone } from "../render/tone.ts";
import { MiniButton } from "./mini_button.tsx";
import type { Room } from "./room.ts";

/** How the picture and its labels are seen; nothing here changes either. */
export function ViewPanel({ room }: { room: Room }) {
  const { state } = room;
  const element = useRef<HTMLDivElement>(null);
  const open = state.viewOpen.value;
  useEffect(() => {
    if (open) element.current?.querySelector("input")?.focus({ preventScroll: true });
  }, [open]);
  if (!open) return null;
  // Asked again when another picture is shown.
  void state.status.value;
  const tone = room.pane.tone.value;
  const set = (change: Partial<Tone>) => room.looks.useTone({ ...tone, ...change });
  const grey = greyRangeOf(room.viewport.image.shown);
  const [low, high] = tone.window ?? [grey?.low ?? 0, grey?.high ?? 1];
  const { least, most, step } = grey ?? { least: 0, most: 1, step: 1 };
  const close = () => {
    state.viewOpen.value = false;
    room.focus();
  };
  return (
    <div class="lw-popover lw-view" ref={element} role="dialog" aria-label="View">
      <div class="lw-popover-head">
        <span class="lw-name">View</span>
        <button
          type="button"
          class="lw-button lw-quiet"
          onClick={() => {
            room.windows.reset(room.pane);
            room.looks.useFill(FILL);
          }}
        >
          Reset
        </button>
        <MiniButton icon="close" label="Close" hint="Esc" onClick={close} />
      </div>
      {grey && (
        <>
          <Slider
            label="Black at"
            value={low}
            min={Math.min(least, low)}
            max={Math.max(most, low)}
            step={step}
            onValue={(value) => set({ window: [value, Math.max(value, high)] })}
          />
          <Slider
            label="White at"
            value={high}
            min={Math.min(least, high)}
            max={Math.max(most, high)}
            step={step}
            onValue={(value) => set({ window: [Math.min(low, value), value] })}
          />
          <label class="lw-option">
            <input
              type="checkbox"
              disabled={state.item.value?.volume !== undefined}
              checked={tone.window === null}
              onChange={(event) =>
                set({ window: event.currentTarget.checked ? null : [low, high] })
              }
            />
            <span>Black and white by the picture</span>
          </label>
        </>
      )}
      <Slider
        label="Brightness"
        value={tone.brightness}
        min={-100}
        max={100}
        step={1}
        onValue={(brightness) => set({ brightness })}
      />
      <Slider
        label="Contrast"
        value={tone.contrast}
        min={-100}
        max={100}
        step={1}
        onValue={(contrast) => set({ contrast })}
      />
      <Slider
        label="Gamma"
        value={Number(Math.log2(tone.gamma).toFixed(3))}
        shown={tone.gamma.toFixed(2)}
        min={-2}
        max={2}
        step={0.05}
        onValue={(power) => set({ gamma: 2 ** power })}
      />
      <label class="lw-option">
        <input
          type="checkbox"
          checked={tone.invert}
          onChange={(event) => set({ invert: event.currentTarget.checked })}
        />
        <span>Invert</span>
      </label>
      {state.item.value?.volume && (
        <label class="lw-option">
          <input
            type="checkbox"
            checked={state.marks.value}
            onChange={(event) => {
              state.marks.value = event.currentTarget.checked;
            }}
          />
          <span>Sides, scale and numbers at the edges</span>
        </label>
      )}
      <Slider
        label="Labels cover"
        value={Math.round(state.fill.value * 100)}
        shown={`${Math.round(state.fill.value * 100)} %`}
        min={0}
        max={100}
        step={1}
        onValue={(percent) => room.looks.useFill(percent / 100)}
      />
    </div>
  );
}

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly shown?: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly onValue: (value: number) => void;
}

function Slider({ label, value, shown, min, max, step, onValue }: SliderProps) {
  const text = shown ?? (Number.isInteger(value) ? String(value) : value.toPrecision(4));
  return (
    <label class="lw-slider">
      <span>{label}</span>
      <input
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={text}
        onInput={(event) => onValue(event.currentTarget.valueAsNumber)}
      />
      <output>{text}</output>
    </label>
  );
}
