import { CONFIDENCE } from "../tools/model_tool.ts";
import type { NumberOption, Option, Setting } from "../tools/option.ts";
import { commandKey } from "./keys.ts";
import { drawnAs, offered } from "./offer.ts";
import type { Room } from "./room.ts";

/** The options of the tool in hand, in the status line. */
export function Options({ room }: { room: Room }) {
  const { state } = room;
  // Read so that they are drawn again with another tool, or another value.
  void state.tool.value;
  void state.settings.value;
  void state.toolsVersion.value;
  void state.className.value;
  const own = drawnAs(room.choice.currentClass, room.onScan);
  const every = offered(state.ontology.value).flatMap((made) => drawnAs(made, room.onScan));
  const types = new Set<string>(every);
  const options = room.hand.options.filter(
    ({ name, only, among, scans, when }) =>
      // That one is where the proposals are.
      name !== CONFIDENCE &&
      (!scans || room.onScan) &&
      (!when || room.choice.settings[when] === true) &&
      (!only || only.some((one) => own.includes(one as never))) &&
      (!among || among.some((one) => types.has(one))),
  );
  if (options.length === 0 || state.readOnly.value) return null;
  const settings = room.choice.settings;
  return (
    <fieldset class="lw-options" aria-label="Tool options">
      {options.map((option) => (
        <OptionField
          key={`${room.hand.tool} ${option.name}`}
          option={inUnit(option, options.some((one) => one.name === "unit") ? settings.unit : null)}
          value={settings[option.name] ?? option.value}
          set={(value) => room.choice.setOption(option.name, value)}
        />
      ))}
    </fieldset>
  );
}

/** Lengths of a tool that may be in pixels or in millimetres are in what is chosen. */
function inUnit(option: Option, unit: Setting | null | undefined): Option {
  return unit && option.type === "number" && ["px", "mm"].includes(option.unit ?? "")
    ? { ...option, unit: String(unit) }
    : option;
}

interface FieldProps {
  readonly option: Option;
  readonly value: Setting;
  readonly set: (value: Setting) => void;
}

function OptionField({ option, value, set }: FieldProps) {
  switch (option.type) {
    case "number":
      return <NumberField option={option} value={Number(value)} set={set} />;
    case "toggle":
      return (
        <label class="lw-option">
          <input
            type="checkbox"
            checked={value === true}
            onChange={(event) => set(event.currentTarget.checked)}
          />
          {option.label}
        </label>
      );
    case "choice":
      return (
        <label class="lw-option">
          {option.label}
          <select value={String(value)} onChange={(event) => set(event.currentTarget.value)}>
            {option.choices.map((choice) => (
              <option key={choice.value} value={choice.value}>
                {choice.label}
              </option>
            ))}
          </select>
        </label>
      );
    default:
      return (
        <label class="lw-option">
          {option.label}
          <input
            type="text"
            value={String(value)}
            onChange={(event) => set(event.currentTarget.value)}
          />
        </label>
      );
  }
}

interface NumberProps {
  readonly option: NumberOption;
  readonly value: number;
  readonly set: (value: number) => void;
}

/** What an option is called, and the keys that step it. */
export function steppedBy({ label, keys }: NumberOption): string {
  return keys
    ? `${label} (${commandKey(`${keys}.less`)} and ${commandKey(`${keys}.more`)})`
    : label;
}

/** A slider for the hand and a field for exact numbers. */
function NumberField({ option, value, set }: NumberProps) {
  const { label, min, max, step, unit } = option;
  const title = steppedBy(option);
  // Small numbers need the finer hand: the slider goes by roots on both sides of what is nearest 0.
  const curved = max - min > 100;
  const origin = Math.min(Math.max(0, min), max);
  const power = max - min > 10_000 ? 4 : 2;
  const toSlider = (number: number) =>
    curved ? Math.sign(number - origin) * Math.abs(number - origin) ** (1 / power) : number;
  const fromSlider = (number: number) => {
    const raw = curved ? Math.sign(number) * Math.abs(number) ** power + origin : number;
    return Number((Math.round(raw / step) * step).toFixed(6));
  };
  return (
    <label class="lw-option" title={title}>
      {label}
      <input
        type="range"
        min={toSlider(min)}
        max={toSlider(max)}
        step={curved ? "any" : step}
        value={toSlider(value)}
        aria-label={label}
        aria-valuetext={`${value}${unit ? ` ${unit}` : ""}`}
        onInput={(event) => set(fromSlider(Number(event.currentTarget.value)))}
      />
      <input
        type="number"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-label={`${label}, exact`}
        onChange={(event) => {
          const wanted = event.currentTarget.valueAsNumber;
          if (Number.isFinite(wanted)) set(wanted);
          event.currentTarget.value = String(value);
        }}
      />
      {unit && <span class="lw-unit">{unit}</span>}
    </label>
  );
}
