import type { Attribute, ChoiceAttribute } from "../../document/types.ts";
import { MiniButton } from "../mini_button.tsx";
import { several } from "../several.ts";
import type { Bench } from "./bench.ts";
import {
  freeName,
  moved,
  type Owner,
  questionsOf,
  renameOption,
  renameQuestion,
  retype,
  savedQuestion,
  without,
  withQuestion,
  withQuestions,
} from "./draft.ts";
import { Handle, TextInput, Wrong } from "./field.tsx";

const TYPES: readonly (readonly [Attribute["type"], string])[] = [
  ["radio", "Radio"],
  ["dropdown", "Drop-down"],
  ["checkbox", "Checkbox"],
  ["text", "Text"],
];

/** The questions of a class, or about the image. */
export function QuestionsEditor({ bench, owner }: { bench: Bench; owner: Owner }) {
  const draft = bench.draft.value;
  const asked = questionsOf(draft, owner);
  const place = owner === "image" ? "image" : `class ${owner}`;
  const put = (next: readonly Attribute[], field: string) =>
    bench.edit(withQuestions(draft, owner, next), field);
  return (
    <div class="lw-questions">
      <ul data-list={place}>
        {asked.map((question, index) => (
          <li key={index} class="lw-card" data-retired={question.retired ?? false}>
            <QuestionEditor bench={bench} owner={owner} index={index} question={question} />
          </li>
        ))}
      </ul>
      <button
        type="button"
        class="lw-button"
        onClick={() => {
          const name = freeName(
            "question",
            asked.map((one) => one.name),
          );
          put([...asked, { type: "radio", name, options: ["yes", "no"] }], "add");
        }}
      >
        Add a question
      </button>
    </div>
  );
}

interface Props {
  readonly bench: Bench;
  readonly owner: Owner;
  readonly index: number;
  readonly question: Attribute;
}

function QuestionEditor({ bench, owner, index, question }: Props) {
  const draft = bench.draft.value;
  const asked = questionsOf(draft, owner);
  const path =
    owner === "image"
      ? (["image_attributes", index] as const)
      : (["classes", owner, "attributes", index] as const);
  const field = path.join(".");
  const set = (fields: Partial<ChoiceAttribute>, name: string) =>
    bench.edit(withQuestion(draft, owner, index, fields), `${field}.${name}`);
  const put = (next: readonly Attribute[], name: string) =>
    bench.edit(withQuestions(draft, owner, next), name);
  const saved = savedQuestion(draft, bench.base.value, owner, question);
  const used = usedBy(bench, owner, saved?.name);
  const nameProblem = bench.problem(...path, "name");
  return (
    <>
      <div class="lw-line">
        <Handle
          what={question.name}
          index={index}
          count={asked.length}
          onMove={(from, to) => put(moved(asked, from, to), "move")}
        />
        <TextInput
          label="Question"
          value={question.name}
          wrong={nameProblem !== undefined}
          onInput={(name) =>
            bench.edit(renameQuestion(draft, bench.base.value, owner, index, name), `${field}.name`)
          }
        />
        <select
          class="lw-input"
          aria-label={`Kind of ${question.name}`}
          value={question.type}
          onChange={(event) => {
            const type = event.currentTarget.value as Attribute["type"];
            put(
              asked.map((one, at) => (at === index ? retype(one, type) : one)),
              `${field}.type`,
            );
          }}
        >
          {TYPES.map(([type, label]) => (
            <option key={type} value={type}>
              {label}
            </option>
          ))}
        </select>
        {used > 0 || question.retired ? (
          <MiniButton
            icon={question.retired ? "reopen" : "retire"}
            label={
              question.retired
                ? `Ask ${question.name} again`
                : `Retire ${question.name}: its ${several(used, "answer")} will stay`
            }
            onClick={() => set({ retired: !question.retired }, "retired")}
          />
        ) : (
          <MiniButton
            icon="close"
            label={`Take out ${question.name}`}
            onClick={() => put(without(asked, index), "remove")}
          />
        )}
      </div>
      <Wrong problem={nameProblem ?? bench.problem(...path)} />
      {question.type !== "text" && (
        <OptionsEditor bench={bench} owner={owner} index={index} question={question} />
      )}
      <Wrong problem={bench.problem(...path, "options")} />
      <div class="lw-line lw-wrap">
        <label class="lw-check">
          <input
            type="checkbox"
            checked={question.required ?? false}
            onChange={(event) => set({ required: event.currentTarget.checked }, "required")}
          />
          <span>Required</span>
        </label>
        <Condition bench={bench} owner={owner} index={index} question={question} />
      </div>
      <Wrong problem={bench.problem(...path, "shown_if")} />
      <TextInput
        label={`What ${question.name} means`}
        value={question.description ?? ""}
        placeholder="What it means (optional)"
        wrong={bench.problem(...path, "description") !== undefined}
        onInput={(text) => set({ description: text || null }, "description")}
      />
      <Wrong problem={bench.problem(...path, "description")} />
    </>
  );
}

function usedBy(bench: Bench, owner: Owner, saved: string | undefined): number {
  if (saved === undefined) return 0;
  const made = owner === "image" ? undefined : bench.draft.value.classes?.[owner];
  const names = owner === "image" ? [""] : made ? [made.name, ...(made.formerly ?? [])] : [];
  return names.reduce(
    (sum, name) => sum + (bench.usage.value[name]?.attributes[saved]?.answers ?? 0),
    0,
  );
}

function OptionsEditor({
  bench,
  owner,
  index,
  question,
}: Omit<Props, "question"> & { readonly question: ChoiceAttribute }) {
  const draft = bench.draft.value;
  const { options } = question;
  const set = (next: readonly string[], name: string) =>
    bench.edit(withQuestion(draft, owner, index, { options: next }), `options ${index} ${name}`);
  return (
    <div class="lw-option-list">
      <ul data-list="options">
        {options.map((option, at) => (
          <li key={at} class="lw-line">
            <Handle
              what={option}
              index={at}
              count={options.length}
              onMove={(from, to) => set(moved(options, from, to), "move")}
            />
            <TextInput
              label={`Option ${at + 1} of ${question.name}`}
              value={option}
              wrong={option.trim() === "" || options.indexOf(option) !== at}
              onInput={(name) =>
                bench.edit(
                  renameOption(draft, bench.base.value, owner, index, at, name),
                  `option ${owner} ${index} ${at}`,
                )
              }
            />
            <MiniButton
              icon="close"
              label={`Take out option ${option}`}
              disabled={options.length < 2}
              onClick={() => set(without(options, at), "remove")}
            />
          </li>
        ))}
      </ul>
      <button
        type="button"
        class="lw-button lw-quiet"
        onClick={() => set([...options, freeName("option", options)], "add")}
      >
        Add an option
      </button>
      {(question.retired_options ?? []).length > 0 && (
        <p class="lw-empty">No longer offered: {question.retired_options?.join(", ")}</p>
      )}
    </div>
  );
}

/** After which answers to one question before it this one is asked. */
function Condition({ bench, owner, index, question }: Props) {
  const draft = bench.draft.value;
  const before = questionsOf(draft, owner)
    .slice(0, index)
    .filter((one): one is ChoiceAttribute => one.type !== "text");
  const [entry] = Object.entries(question.shown_if ?? {});
  if (before.length === 0 && !entry) return null;
  const [other = "", answers = []] = entry ?? [];
  const asked = before.find((one) => one.name === other);
  const set = (shown: Attribute["shown_if"]) =>
    bench.edit(
      withQuestion(draft, owner, index, { shown_if: shown ?? null }),
      `condition ${owner} ${index}`,
    );
  return (
    <fieldset class="lw-condition">
      <label class="lw-line">
        <span>Shown</span>
        <select
          class="lw-input"
          aria-label={`When ${question.name} is shown`}
          value={other}
          onChange={(event) => {
            const name = event.currentTarget.value;
            const first = before.find((one) => one.name === name)?.options[0];
            set(name && first !== undefined ? { [name]: [first] } : null);
          }}
        >
          <option value="">always</option>
          {before.map((one) => (
            <option key={one.name} value={one.name}>
              only if {one.name} is
            </option>
          ))}
        </select>
      </label>
      {asked?.options.map((option) => (
        <label key={option} class="lw-check">
          <input
            type="checkbox"
            checked={answers.includes(option)}
            onChange={(event) => {
              const next = event.currentTarget.checked
                ? [...answers, option]
                : answers.filter((one) => one !== option);
              set(next.length > 0 ? { [other]: next } : null);
            }}
          />
          <span>{option}</span>
        </label>
      ))}
    </fieldset>
  );
}
