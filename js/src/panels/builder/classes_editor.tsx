import { useRef } from "preact/hooks";
import type { ObjectClass } from "../../document/types.ts";
import { MiniButton } from "../mini_button.tsx";
import { several } from "../several.ts";
import type { Bench } from "./bench.ts";
import {
  classesOf,
  freeName,
  moved,
  onCircle,
  renameClass,
  savedClass,
  withClass,
  without,
} from "./draft.ts";
import { Field, Handle, TextInput, Wrong } from "./field.tsx";
import { QuestionsEditor } from "./questions_editor.tsx";
import { SkeletonEditor } from "./skeleton_editor.tsx";

const TOOLS: readonly (readonly [string, string])[] = [
  ["rectangle", "Rectangle"],
  ["polygon", "Polygon"],
  ["mask", "Mask"],
  ["ellipse", "Ellipse"],
  ["polyline", "Polyline"],
  ["point", "Point"],
  ["keypoints", "Keypoints"],
  ["cuboid", "Cuboid"],
  ["ruler", "Length"],
  ["angle", "Angle"],
  ["bidirectional", "Long and short axis"],
  ["tag", "Tag of the image"],
  ["volumemask", "Mask of a volume"],
  ["interval", "Event in a video"],
];

/** The classes, in their order; the chosen one is open. */
export function ClassesEditor({ bench }: { bench: Bench }) {
  const draft = bench.draft.value;
  const classes = classesOf(draft);
  const list = useRef<HTMLUListElement>(null);
  const put = (next: readonly ObjectClass[], field: string) =>
    bench.edit({ ...draft, classes: next }, field);
  const add = () => {
    const names = classes.flatMap((made) => [made.name, ...(made.formerly ?? [])]);
    const used = new Set(classes.map((made) => made.color));
    const palette = bench.palette.value;
    const color = palette.find((one) => !used.has(one)) ?? palette[classes.length % palette.length];
    put([...classes, { name: freeName("class", names), color: color ?? "#e69f00" }], "add");
    bench.chosen.value = classes.length;
    setTimeout(() => list.current?.querySelector<HTMLInputElement>("[data-open] input")?.select());
  };
  return (
    <>
      <ul class="lw-class-list" data-list="classes" ref={list}>
        {classes.map((made, index) => (
          <li
            key={index}
            class="lw-card"
            data-retired={made.retired ?? false}
            data-wrong={bench.wrong("classes", index)}
            {...(index === bench.chosen.value ? { "data-open": true } : {})}
          >
            {index === bench.chosen.value ? (
              <ClassEditor bench={bench} index={index} made={made} />
            ) : (
              <div class="lw-line">
                <ClassHandle bench={bench} index={index} made={made} />
                <button
                  type="button"
                  class="lw-fold"
                  aria-expanded={false}
                  onClick={() => {
                    bench.chosen.value = index;
                  }}
                >
                  <i class="lw-swatch" style={{ background: made.color }} />
                  <span class="lw-name">{made.name || "(no name)"}</span>
                  <span class="lw-count">{made.retired ? "retired" : (made.hotkey ?? "")}</span>
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      <button type="button" class="lw-button" onClick={add}>
        Add a class
      </button>
    </>
  );
}

interface ClassProps {
  readonly bench: Bench;
  readonly index: number;
  readonly made: ObjectClass;
}

function ClassHandle({ bench, index, made }: ClassProps) {
  const draft = bench.draft.value;
  const classes = classesOf(draft);
  return (
    <Handle
      what={made.name}
      index={index}
      count={classes.length}
      onMove={(from, to) => {
        bench.edit({ ...draft, classes: moved(classes, from, to) }, "move");
        bench.chosen.value = to;
      }}
    />
  );
}

function ClassEditor({ bench, index, made }: ClassProps) {
  const draft = bench.draft.value;
  const classes = classesOf(draft);
  const set = (fields: Partial<ObjectClass>, field: string) =>
    bench.edit(withClass(draft, index, fields), `class ${index} ${field}`);
  const problem = (field: string) => bench.problem("classes", index, field);
  const saved = savedClass(bench.base.value, made);
  const used = saved ? (bench.usage.value[saved.name]?.labels ?? 0) : 0;
  const tool = made.tool ?? "rectangle";
  return (
    <>
      <div class="lw-line">
        <ClassHandle bench={bench} index={index} made={made} />
        <TextInput
          label="Name of the class"
          value={made.name}
          wrong={problem("name") !== undefined}
          onInput={(name) =>
            bench.edit(renameClass(draft, bench.base.value, index, name), `class ${index} name`)
          }
        />
        {used > 0 || made.retired ? (
          <MiniButton
            icon={made.retired ? "reopen" : "retire"}
            label={
              made.retired
                ? `Offer ${made.name} again`
                : `Retire ${made.name}: its ${several(used, "label")} will stay`
            }
            onClick={() => set({ retired: !made.retired }, "retired")}
          />
        ) : (
          <MiniButton
            icon="close"
            label={`Take out ${made.name}`}
            onClick={() => bench.edit({ ...draft, classes: without(classes, index) }, "remove")}
          />
        )}
      </div>
      <Wrong problem={problem("name") ?? bench.problem("classes", index)} />
      {(made.formerly ?? []).length > 0 && (
        <p class="lw-empty">Formerly {made.formerly?.join(", ")}; its labels follow.</p>
      )}
      <div class="lw-grid">
        <Field label="Drawn with" problem={problem("tool")}>
          <select
            class="lw-input"
            value={tool}
            onChange={(event) => {
              const next = event.currentTarget.value;
              const bare = next === "keypoints" && (!made.skeleton || tool === "bidirectional");
              const joints = ["joint 1", "joint 2"];
              const skeleton = { joints, edges: [[0, 1] as const], positions: onCircle(2) };
              // The two axes of a measurement are a skeleton that is the kernel's to say.
              const axes = [tool, next].includes("bidirectional");
              const given = bare ? { skeleton } : axes ? { skeleton: null } : {};
              set({ tool: next, ...given }, "tool");
            }}
          >
            {TOOLS.map(([name, label]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Key" problem={problem("hotkey")}>
          <TextInput
            label={`Key of ${made.name}`}
            value={made.hotkey ?? ""}
            placeholder={index < 9 ? `${index + 1}; such as Shift+C` : "such as Shift+C"}
            wrong={problem("hotkey") !== undefined}
            onInput={(key) => set({ hotkey: key.trim() || null }, "hotkey")}
          />
        </Field>
      </div>
      <Colors
        palette={bench.palette.value}
        made={made}
        problem={problem("color")}
        onPick={(color) => set({ color }, "color")}
      />
      {tool === "mask" && (
        <label class="lw-check">
          <input
            type="checkbox"
            checked={made.instances ?? true}
            onChange={(event) => set({ instances: event.currentTarget.checked }, "instances")}
          />
          <span>Each object is a mask of its own</span>
        </label>
      )}
      <TextInput
        label={`What ${made.name} means`}
        value={made.description ?? ""}
        placeholder="What it means (optional)"
        wrong={problem("description") !== undefined}
        onInput={(text) => set({ description: text || null }, "description")}
      />
      <Wrong problem={problem("description")} />
      {tool === "keypoints" && <SkeletonEditor bench={bench} index={index} made={made} />}
      <h4>Questions about each {made.name || "object"}</h4>
      <QuestionsEditor bench={bench} owner={index} />
    </>
  );
}

function Colors({
  palette,
  made,
  problem,
  onPick,
}: {
  palette: readonly string[];
  made: ObjectClass;
  problem: string | undefined;
  onPick: (color: string) => void;
}) {
  return (
    <fieldset class="lw-colors">
      <legend>Colour</legend>
      {palette.map((color) => (
        <button
          type="button"
          key={color}
          class="lw-color"
          aria-label={`Colour ${color}`}
          aria-pressed={made.color === color}
          style={{ background: color }}
          onClick={() => onPick(color)}
        />
      ))}
      <input
        type="color"
        aria-label={`Another colour for ${made.name}`}
        value={made.color}
        onInput={(event) => onPick(event.currentTarget.value)}
      />
      <Wrong problem={problem} />
    </fieldset>
  );
}
