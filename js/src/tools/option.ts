interface Common {
  readonly name: string;
  readonly label: string;
  /** Types of geometry for which it means something; all where it is absent. */
  readonly only?: readonly string[] | null;
  /** Types of geometry of which some class has to be, for it to mean something. */
  readonly among?: readonly string[];
  /** It means something on the slices of scans only. */
  readonly scans?: true;
  /** The toggle that has to be on for it to mean something. */
  readonly when?: string;
}
/** A number on a slider; `keys` are those that step it: `[` and `]`, or `,` and `.`. */
export interface NumberOption extends Common {
  readonly type: "number";
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  readonly unit?: string | null;
  readonly keys?: "size" | "fineness" | null;
}
export interface ChoiceOption extends Common {
  readonly type: "choice";
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly value: string;
}
export interface ToggleOption extends Common {
  readonly type: "toggle";
  readonly value: boolean;
}
/** Free text, for tools that want words. */
export interface TextOption extends Common {
  readonly type: "text";
  readonly value: string;
}

/** What can be set of a tool; `value` is what it is at first. */
export type Option = NumberOption | ChoiceOption | ToggleOption | TextOption;
export type Setting = number | string | boolean;
export type Settings = Readonly<Record<string, Setting>>;

/** The value that an option has when `wanted` is asked for: what is impossible is put right. */
export function settingOf(option: Option, wanted: unknown): Setting {
  switch (option.type) {
    case "number": {
      if (typeof wanted !== "number" || !Number.isFinite(wanted)) return option.value;
      return Math.min(Math.max(wanted, option.min), option.max);
    }
    case "choice":
      return option.choices.some((choice) => choice.value === wanted)
        ? (wanted as string)
        : option.value;
    case "toggle":
      return typeof wanted === "boolean" ? wanted : option.value;
    default:
      return typeof wanted === "string" ? wanted : option.value;
  }
}

export function settingsOf(options: readonly Option[], wanted: Settings): Settings {
  return Object.fromEntries(
    options.map((option) => [option.name, settingOf(option, wanted[option.name])]),
  );
}

/** A number one step up or down: by a tenth of itself, so that large values take large steps. */
export function stepped(option: NumberOption, value: number, way: 1 | -1): number {
  const stride = Math.max(option.step, Math.abs(value) * 0.1);
  const wanted = Math.round((value + way * stride) / option.step) * option.step;
  // Adding steps leaves crumbs.
  return Number(Math.min(Math.max(wanted, option.min), option.max).toFixed(6));
}
