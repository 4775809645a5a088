import type { WindowPreset } from "../../document/types.ts";
import { MiniButton } from "../mini_button.tsx";
import type { Bench } from "./bench.ts";
import { freeName, without } from "./draft.ts";
import { TextInput, Wrong } from "./field.tsx";

/** Windows that scans of this project are offered, beside those that everybody knows. */
export function WindowsEditor({ bench }: { bench: Bench }) {
  const draft = bench.draft.value;
  const windows = draft.windows ?? [];
  const put = (next: readonly WindowPreset[], field: string) =>
    bench.edit({ ...draft, windows: next }, field);
  const set = (index: number, fields: Partial<WindowPreset>) =>
    put(
      windows.map((one, at) => (at === index ? { ...one, ...fields } : one)),
      `window ${index} ${Object.keys(fields)[0]}`,
    );
  return (
    <section aria-label="Windows of scans">
      <h4>Windows of scans</h4>
      {windows.map((one, index) => (
        <div key={index} class="lw-card">
          <div class="lw-line">
            <TextInput
              label={`Name of window ${index + 1}`}
              value={one.name}
              wrong={bench.wrong("windows", index)}
              onInput={(name) => set(index, { name })}
            />
            {(["width", "level"] as const).map((field) => (
              <input
                key={field}
                type="number"
                step="any"
                class="lw-input lw-number-input"
                aria-label={`${field === "width" ? "Width" : "Level"} of ${one.name}`}
                title={field === "width" ? "Width" : "Level"}
                value={one[field]}
                onChange={(event) => {
                  const { valueAsNumber } = event.currentTarget;
                  if (Number.isFinite(valueAsNumber)) set(index, { [field]: valueAsNumber });
                }}
              />
            ))}
            <MiniButton
              icon="close"
              label={`Take out ${one.name}`}
              onClick={() => put(without(windows, index), "remove window")}
            />
          </div>
          {["name", "width", "level"].map((field) => (
            <Wrong key={field} problem={bench.problem("windows", index, field)} />
          ))}
          <Wrong problem={bench.problem("windows", index)} />
        </div>
      ))}
      <button
        type="button"
        class="lw-button"
        onClick={() =>
          put(
            [
              ...windows,
              {
                name: freeName(
                  "window",
                  windows.map((one) => one.name),
                ),
                level: 40,
                width: 400,
              },
            ],
            "add window",
          )
        }
      >
        Add a window
      </button>
    </section>
  );
}
