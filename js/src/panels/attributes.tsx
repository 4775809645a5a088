import { answerTo, shown } from "../document/answers.ts";
import type { Annotation, Answers, Attribute, ChoiceAttribute } from "../document/types.ts";
import { answeredOn } from "../geometry/track_standing.ts";
import { frameName } from "./frame_name.ts";
import { ProposedAnswer, type Proposing } from "./proposed_answer.tsx";
import type { Room } from "./room.ts";

interface FormProps {
  readonly attributes: readonly Attribute[];
  readonly answers: Answers;
  readonly disabled: boolean;
  /** Names of required questions that a submit found open. */
  readonly marked: ReadonlySet<string>;
  readonly id: string;
  readonly onAnswer: (name: string, value: string | readonly string[]) => void;
  /** Of a track: since when the answer to a question that may change holds, in words. */
  readonly since?: (attribute: Attribute) => string;
  /** Of the image: what is proposed as the answer. */
  readonly proposing?: Proposing;
}

/** Questions and their answers; what is required and open is marked. */
export function AttributeForm({
  attributes,
  answers,
  disabled,
  marked,
  id,
  onAnswer,
  since,
  proposing,
}: FormProps) {
  return (
    <div class="lw-form">
      {attributes
        .filter((attribute) => isShown(attribute, answers))
        .map((attribute) => {
          const value = answerTo(answers, attribute.name);
          const open = !!attribute.required && !attribute.retired && !value?.length;
          return (
            <fieldset
              key={attribute.name}
              class="lw-question"
              data-question={attribute.name}
              data-open={open}
              data-marked={open && marked.has(attribute.name)}
              disabled={disabled}
            >
              <legend>
                <QuestionText attribute={attribute} />
                {since?.(attribute) && <p class="lw-description">{since(attribute)}</p>}
              </legend>
              {proposing && <ProposedAnswer room={proposing} question={attribute.name} />}
              <Question
                attribute={attribute}
                value={value}
                id={`${id}-${attribute.name}`}
                onAnswer={onAnswer}
              />
              {open && marked.has(attribute.name) && (
                <p class="lw-error">This answer is required.</p>
              )}
            </fieldset>
          );
        })}
    </div>
  );
}

/** A question that is no longer asked is shown where it was answered. */
function isShown(attribute: Attribute, answers: Answers): boolean {
  if (attribute.retired) return !!answerTo(answers, attribute.name)?.length;
  return shown(attribute, answers);
}

/** The name of a question, marked where it must be answered, or is no longer asked. */
export function QuestionText({ attribute }: { attribute: Attribute }) {
  return (
    <>
      {attribute.name}
      {attribute.required && !attribute.retired && (
        <span class="lw-required" title="Required">
          {" *"}
        </span>
      )}
      {attribute.retired && <span class="lw-count"> (no longer asked)</span>}
      {attribute.description && <p class="lw-description">{attribute.description}</p>}
    </>
  );
}

interface QuestionProps {
  readonly attribute: Attribute;
  readonly value: string | readonly string[] | undefined;
  readonly id: string;
  readonly onAnswer: FormProps["onAnswer"];
}

function Question({ attribute, value, id, onAnswer }: QuestionProps) {
  const { name } = attribute;
  if (attribute.type === "text") {
    return (
      <textarea
        class="lw-input"
        aria-label={name}
        rows={1}
        maxLength={10000}
        value={typeof value === "string" ? value : ""}
        onChange={(event) => onAnswer(name, event.currentTarget.value)}
      />
    );
  }
  if (attribute.type === "dropdown") {
    return (
      <select
        class="lw-input"
        aria-label={name}
        value={typeof value === "string" ? value : ""}
        onChange={(event) => onAnswer(name, event.currentTarget.value)}
      >
        <option value="">—</option>
        {attribute.options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
        {strangers(attribute, value).map((option) => (
          <option key={option} value={option}>
            {option} (no longer offered)
          </option>
        ))}
      </select>
    );
  }
  return <Options attribute={attribute} value={value} id={id} onAnswer={onAnswer} />;
}

function Options({
  attribute,
  value,
  id,
  onAnswer,
}: Omit<QuestionProps, "attribute"> & { readonly attribute: ChoiceAttribute }) {
  const several = attribute.type === "checkbox";
  const chosen = typeof value === "string" ? [value] : (value ?? []);
  return (
    <div class="lw-options">
      {attribute.options.map((option, index) => (
        <label key={option} class="lw-option">
          <input
            type={several ? "checkbox" : "radio"}
            name={id}
            checked={chosen.includes(option)}
            onChange={() => onAnswer(attribute.name, choose(attribute, chosen, option))}
          />
          <span>{option}</span>
          {index < 9 && <kbd>{index + 1}</kbd>}
        </label>
      ))}
      {strangers(attribute, value).map((option) => (
        <label key={option} class="lw-option" title="No longer offered">
          <input
            type={several ? "checkbox" : "radio"}
            name={id}
            checked
            onChange={() => onAnswer(attribute.name, choose(attribute, chosen, option))}
          />
          <span>{option} (no longer offered)</span>
        </label>
      ))}
    </div>
  );
}

/** Options that an answer has and that are no longer offered. */
function strangers(
  attribute: ChoiceAttribute,
  value: string | readonly string[] | undefined,
): readonly string[] {
  const chosen = typeof value === "string" ? (value ? [value] : []) : (value ?? []);
  return chosen.filter((one) => !attribute.options.includes(one));
}

/** The answer after an option was picked: one of several toggles, in the order of the ontology. */
export function choose(
  attribute: ChoiceAttribute,
  chosen: readonly string[],
  option: string,
): string | readonly string[] {
  if (attribute.type !== "checkbox") return option;
  const next = new Set(chosen);
  if (!next.delete(option)) next.add(option);
  const known = attribute.options.filter((one) => next.has(one));
  return [...known, ...(attribute.retired_options ?? []).filter((one) => next.has(one))];
}

/** Of a track: which answers hold for all of it, and since when the others do. */
export function sinceWhen(
  { state }: Pick<Room, "state">,
  { geometry }: Annotation,
): (attribute: Attribute) => string {
  if (geometry.type !== "track") return () => "";
  const frame = state.frame.value;
  return ({ name, mutable }) => {
    if (!mutable) return "On all frames";
    const since = answeredOn(geometry, frame, name);
    if (since === null || since === frame) return "From this frame on";
    return `From this frame on; now as on frame ${frameName(since)}`;
  };
}

/** The questions about what is selected, and about the image. */
export function Attributes({ room }: { room: Proposing & Pick<Room, "labels"> }) {
  const { state } = room;
  void state.version.value;
  // Answers may change from frame to frame.
  void state.frame.value;
  const { labels } = room;
  const ontology = state.ontology.value;
  if (!labels) return null;
  const selected = state.selection.value.flatMap((id) => labels.document.get(id) ?? []);
  const names = new Set(selected.map((one) => one.class_name));
  const [first] = selected;
  const made =
    names.size === 1 ? ontology.classes?.find((one) => one.name === first?.class_name) : undefined;
  const image = labels.document.get(labels.imageId);
  const marks = (annotation: string | null) =>
    new Set(
      state.missing.value
        .filter((one) => one.annotation === annotation)
        .flatMap((one) => one.attributes),
    );
  const imageQuestions = ontology.image_attributes ?? [];
  return (
    <>
      {first && (
        <section class="lw-section" aria-label="Attributes">
          <h3>
            {selected.length === 1 ? "Attributes" : `Attributes of ${selected.length} objects`}
          </h3>
          <label class="lw-relabel">
            <span>Class</span>
            <select
              class="lw-input"
              aria-label="Class of the selection"
              disabled={state.readOnly.value}
              value={names.size === 1 ? (first.class_name ?? "") : ""}
              onChange={(event) => labels.relabel(state.selection.value, event.currentTarget.value)}
            >
              {names.size > 1 && <option value="">several</option>}
              {(ontology.classes ?? [])
                .filter((one) => !one.retired || names.has(one.name))
                .map((one) => (
                  <option key={one.name} value={one.name}>
                    {one.name}
                  </option>
                ))}
            </select>
          </label>
          {made?.attributes && (
            <AttributeForm
              id={`side-${first.id}`}
              attributes={made.attributes}
              answers={labels.answers(first.id)}
              since={sinceWhen(room, first)}
              disabled={state.readOnly.value || selected.every((one) => one.state === "locked")}
              marked={marks(first.id)}
              onAnswer={(name, value) => labels.answer(state.selection.value, name, value)}
            />
          )}
        </section>
      )}
      {imageQuestions.length > 0 && (
        <section class="lw-section" aria-label="Image">
          <h3>Image</h3>
          <AttributeForm
            id="image"
            attributes={imageQuestions}
            answers={image?.attributes ?? {}}
            disabled={state.readOnly.value || state.task.value === null}
            marked={marks(null)}
            proposing={room}
            onAnswer={(name, value) => labels.answerImage(name, value)}
          />
        </section>
      )}
    </>
  );
}
