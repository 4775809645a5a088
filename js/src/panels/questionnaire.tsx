import { useEffect, useRef } from "preact/hooks";
import { answerTo } from "../document/answers.ts";
import type { Attribute } from "../document/types.ts";
import { askedNow, inFocus } from "./asking.ts";
import { AttributeForm, QuestionText } from "./attributes.tsx";
import { ProposedAnswer, type Proposing } from "./proposed_answer.tsx";
import type { Room } from "./room.ts";

interface AskingRoom extends Proposing, Pick<Room, "labels"> {
  readonly asking: Pick<Room["asking"], "choose">;
}

/** The questions about the image, large, the one that has the keys marked. */
export function Questionnaire({ room }: { room: AskingRoom }) {
  const { state } = room;
  void state.version.value;
  const { labels } = room;
  const section = useRef<HTMLElement>(null);
  const goneTo = state.question.value;
  useEffect(() => {
    // What is typed is for the text that was gone to: as keys, letters would do something else.
    if (goneTo === null) return;
    const asked = section.current?.querySelector("[data-focus=true]");
    asked?.scrollIntoView({ block: "nearest" });
    asked?.querySelector("textarea")?.focus();
  }, [goneTo]);
  const questions = state.ontology.value.image_attributes ?? [];
  if (!labels || questions.length === 0) return null;
  const answers = labels.document.get(labels.imageId)?.attributes ?? {};
  const focus = inFocus(questions, answers, state.question.value);
  const marked = new Set(
    state.missing.value.filter((one) => one.annotation === null).flatMap((one) => one.attributes),
  );
  const disabled = state.readOnly.value || state.task.value === null;
  return (
    <section class="lw-section lw-questionnaire" aria-label="Image" ref={section}>
      {askedNow(questions, answers).map((question) =>
        question.type === "text" || question.type === "checkbox" ? (
          <div key={question.name} data-focus={question.name === focus?.name}>
            <AttributeForm
              id={`ask-${question.name}`}
              attributes={[{ ...question, shown_if: null }]}
              answers={answers}
              disabled={disabled}
              marked={marked}
              proposing={room}
              onAnswer={(name, value) => labels.answerImage(name, value)}
            />
          </div>
        ) : (
          <Choice
            key={question.name}
            room={room}
            question={question}
            answer={answerTo(answers, question.name)}
            focused={question.name === focus?.name}
            disabled={disabled}
            onChoose={(option) => room.asking.choose(question, option)}
          />
        ),
      )}
      <p class="lw-empty">
        {disabled
          ? "Reopen the task to change its answers."
          : "Digits answer, arrows change the question, Enter goes on."}
      </p>
    </section>
  );
}

interface ChoiceProps {
  readonly room: Proposing;
  readonly question: Extract<Attribute, { options: readonly string[] }>;
  readonly answer: string | readonly string[] | undefined;
  readonly focused: boolean;
  readonly disabled: boolean;
  readonly onChoose: (option: string) => void;
}

function Choice({ room, question, answer, focused, disabled, onChoose }: ChoiceProps) {
  const old = typeof answer === "string" && !question.options.includes(answer) ? answer : null;
  return (
    <fieldset class="lw-question lw-asked" data-focus={focused} disabled={disabled}>
      <legend>
        <QuestionText attribute={question} />
      </legend>
      <ProposedAnswer room={room} question={question.name} />
      {question.options.map((option, index) => (
        <button
          type="button"
          key={option}
          class="lw-answer"
          aria-pressed={answer === option}
          onClick={() => onChoose(option)}
        >
          {index < 9 && <kbd>{focused ? index + 1 : ""}</kbd>}
          <span class="lw-name">{option}</span>
        </button>
      ))}
      {old !== null && <p class="lw-empty">Answered “{old}”, which is no longer offered.</p>}
    </fieldset>
  );
}
