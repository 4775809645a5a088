import { useEffect, useRef } from "preact/hooks";
import type { Levels } from "../geometry/windowing.ts";
import { commandKey } from "./keys.ts";
import type { Room } from "./room.ts";
import type { WindowChoice } from "./windows.ts";

const GROUPS = { preset: "Presets", own: "Of this project", file: "From the file" } as const;

/** The window of the active pane, in the status line: its numbers, which open the choice. */
export function WindowButton({ room }: { room: Room }) {
  const { state, windows, pane } = room;
  // Asked again when another picture is shown.
  void state.status.value;
  void pane.tone.value;
  const levels = windows.levels(pane);
  if (!levels) return null;
  const name = windows.chosen(pane)?.name;
  return (
    <button
      type="button"
      class="lw-window"
      aria-haspopup="dialog"
      aria-expanded={state.windowsOpen.value}
      title={`${name ? `${name}. ` : ""}Width and level: choose a window (${commandKey("view.window")}), or drag with the right button`}
      onClick={() => {
        state.windowsOpen.value = !state.windowsOpen.value;
      }}
    >
      {inWords(levels)}
    </button>
  );
}

/** A window as it stands at the edge of a picture. */
export function inWords({ level, width }: Levels): string {
  return `W ${number(width)}  L ${number(level)}`;
}

function number(value: number): string {
  return String(Number(value.toPrecision(Math.abs(value) >= 1000 ? 6 : 4))).replace("-", "\u2212");
}

/** The windows that there are, and the numbers of the one that is shown. */
export function WindowMenu({ room }: { room: Room }) {
  const { state, windows, pane } = room;
  const element = useRef<HTMLDivElement>(null);
  const open = state.windowsOpen.value;
  useEffect(() => {
    if (open) element.current?.focus({ preventScroll: true });
  }, [open]);
  if (!open) return null;
  void state.status.value;
  const tone = pane.tone.value;
  const levels = windows.levels(pane);
  if (!levels) return null;
  const choices = windows.choices(pane);
  const chosen = windows.chosen(pane);
  const close = () => closeWindows(room);
  return (
    <div
      class="lw-popover lw-windows"
      ref={element}
      tabIndex={-1}
      role="dialog"
      aria-label="Window"
    >
      <div class="lw-popover-head">
        <span class="lw-name">Window</span>
        <button
          type="button"
          class="lw-button lw-quiet"
          title="As the scan was opened (0)"
          onClick={() => windows.reset(pane)}
        >
          Reset
        </button>
      </div>
      <div class="lw-levels">
        <LevelField
          label="W"
          name="Width"
          value={levels.width}
          set={(width) => width > 0 && windows.setLevels(pane, { ...levels, width })}
        />
        <LevelField
          label="L"
          name="Level"
          value={levels.level}
          set={(level) => windows.setLevels(pane, { ...levels, level })}
        />
        <label class="lw-option" title="Invert (I)">
          <input type="checkbox" checked={tone.invert} onChange={() => windows.invert(pane)} />
          <span>Invert</span>
        </label>
      </div>
      {(["preset", "own", "file"] as const).map((group) => {
        const of = choices.filter((one) => one.group === group);
        if (of.length === 0) return null;
        return (
          <section key={group} aria-label={GROUPS[group]}>
            <h4>{GROUPS[group]}</h4>
            {of.map((one) => (
              <ChoiceRow
                key={`${one.name} ${inWords(one.levels)}`}
                choice={one}
                hotkey={keyOf(choices, one)}
                pressed={sameChoice(one, chosen)}
                onClick={() => {
                  windows.choose(pane, one);
                  close();
                }}
              />
            ))}
          </section>
        );
      })}
      <button
        type="button"
        class="lw-class"
        title="From the 0.1 to the 99.9 percentile of this slice"
        onClick={() => {
          windows.auto(pane);
          close();
        }}
      >
        <span class="lw-name">Auto, by this picture</span>
        <kbd>A</kbd>
      </button>
    </div>
  );
}

function ChoiceRow({
  choice: { name, source, levels },
  hotkey,
  pressed,
  onClick,
}: {
  choice: WindowChoice;
  hotkey: string;
  pressed: boolean;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      class="lw-class"
      aria-pressed={pressed}
      title={`${name}: ${inWords(levels)}${source && `. Source: ${source}`}`}
      onClick={onClick}
    >
      <span class="lw-name">{name}</span>
      <span class="lw-count">{inWords(levels)}</span>
      {hotkey && <kbd>{hotkey}</kbd>}
    </button>
  );
}

function LevelField({
  label,
  name,
  value,
  set,
}: {
  label: string;
  name: string;
  value: number;
  set: (value: number) => void;
}) {
  return (
    <label class="lw-option">
      {label}
      <input
        type="number"
        step="any"
        aria-label={name}
        value={Number(value.toPrecision(7))}
        onChange={(event) => {
          const { valueAsNumber } = event.currentTarget;
          if (Number.isFinite(valueAsNumber)) set(valueAsNumber);
          event.currentTarget.value = String(Number(value.toPrecision(7)));
        }}
      />
    </label>
  );
}

function sameChoice(one: WindowChoice, other: WindowChoice | null): boolean {
  return other !== null && one.name === other.name && one.group === other.group;
}

function keyOf(choices: readonly WindowChoice[], one: WindowChoice): string {
  const at = choices.indexOf(one);
  return at < 9 ? String(at + 1) : "";
}

export function closeWindows(room: Room): void {
  room.state.windowsOpen.value = false;
  room.focus();
}

/** A key while the choice is open: a digit, A for automatic, I to invert, 0 for the first one. */
export function pressWindow(room: Room, key: string): boolean {
  const { windows, pane } = room;
  const choice = /^[1-9]$/.test(key) ? windows.choices(pane)[Number(key) - 1] : undefined;
  if (key === "I") {
    windows.invert(pane);
    return true;
  }
  if (choice) windows.choose(pane, choice);
  else if (key === "A") windows.auto(pane);
  else if (key === "0") windows.reset(pane);
  else return false;
  closeWindows(room);
  return true;
}
