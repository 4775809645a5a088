import { useComputed, useSignalEffect } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { Attributes } from "../attributes.tsx";
import { Classes } from "../classes.tsx";
import { GuideText } from "../guide.tsx";
import { IconButton } from "../icon_button.tsx";
import { Questionnaire } from "../questionnaire.tsx";
import type { Bench, Tab } from "./bench.ts";
import { ClassesEditor } from "./classes_editor.tsx";
import { classesOf } from "./draft.ts";
import { Wrong } from "./field.tsx";
import { QuestionsEditor } from "./questions_editor.tsx";
import { Scratch } from "./scratch.ts";
import { WindowsEditor } from "./windows_editor.tsx";

const TABS: readonly (readonly [Tab, string])[] = [
  ["classes", "Classes"],
  ["image", "Image"],
  ["guide", "Guide"],
  ["code", "Code"],
];

/** Left what may be said, right how a labeller is asked. */
export function Builder({ bench }: { bench: Bench }) {
  const problems = bench.problems.value;
  const tab = bench.tab.value;
  return (
    <div class="lw-room lw-builder">
      <div class="lw-header">
        <div class="lw-where">
          <span class="lw-title">{bench.project.value ?? "Ontology"}</span>
          <span class="lw-count">
            {problems.length > 0
              ? `${problems.length} to mend`
              : bench.unsaved.value && bench.project.value !== null
                ? "not saved"
                : ""}
          </span>
        </div>
        <div class="lw-actions">
          <IconButton
            icon="undo"
            label="Undo"
            hint="Ctrl+Z"
            disabled={bench.past.value.length === 0}
            onClick={() => bench.undo()}
          />
          <IconButton
            icon="redo"
            label="Redo"
            hint="Ctrl+Shift+Z"
            disabled={bench.future.value.length === 0}
            onClick={() => bench.redo()}
          />
          {bench.project.value !== null && (
            <button
              type="button"
              class="lw-button lw-primary"
              disabled={problems.length > 0 || bench.saving.value}
              title="Make it the ontology of the project (Ctrl+Enter)"
              onClick={() => bench.save()}
            >
              Save
            </button>
          )}
        </div>
      </div>
      <div class="lw-builder-body">
        <div class="lw-editor">
          <div class="lw-tabs" role="tablist" aria-label="Parts of the ontology">
            {TABS.map(([name, label]) => (
              <button
                type="button"
                key={name}
                role="tab"
                id={`lw-tab-${name}`}
                aria-selected={tab === name}
                tabIndex={tab === name ? 0 : -1}
                onClick={() => {
                  bench.tab.value = name;
                }}
                onKeyDown={(event) => turn(event, bench)}
              >
                {label}
              </button>
            ))}
          </div>
          <div class="lw-tab" role="tabpanel" aria-labelledby={`lw-tab-${tab}`}>
            <Wrong problem={bench.problem()} />
            {tab === "classes" && <ClassesEditor bench={bench} />}
            {tab === "image" && (
              <>
                <QuestionsEditor bench={bench} owner="image" />
                <WindowsEditor bench={bench} />
              </>
            )}
            {tab === "guide" && <GuideEditor bench={bench} />}
            {tab === "code" && <Code bench={bench} />}
          </div>
        </div>
        <Preview bench={bench} />
      </div>
      <div class="lw-status">
        <span class="lw-said" role="status">
          {bench.said.value}
        </span>
      </div>
    </div>
  );
}

function turn(event: KeyboardEvent & { currentTarget: HTMLElement }, bench: Bench): void {
  const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  const now = TABS.findIndex(([name]) => name === bench.tab.value);
  const next = TABS[(now + step + TABS.length) % TABS.length];
  if (!next) return;
  bench.tab.value = next[0];
  const { parentElement } = event.currentTarget;
  parentElement?.querySelector<HTMLElement>(`#lw-tab-${next[0]}`)?.focus();
}

function GuideEditor({ bench }: { bench: Bench }) {
  return (
    <>
      <textarea
        class="lw-input lw-markdown"
        dir="auto"
        aria-label="Guide for labellers, Markdown"
        placeholder={"# What to label\n\nMarkdown: *text*, lists, tables, links."}
        value={bench.instructions.value}
        onInput={(event) => bench.write(event.currentTarget.value)}
      />
      <Wrong problem={bench.problem("instructions")} />
    </>
  );
}

function Code({ bench }: { bench: Bench }) {
  const copy = (text: string, what: string) => {
    void navigator.clipboard.writeText(text).then(
      () => {
        bench.said.value = `Copied as ${what}.`;
      },
      () => {
        bench.said.value = "This browser does not let us copy; select the text instead.";
      },
    );
  };
  return (
    <>
      {(
        [
          ["Python", bench.python.value],
          ["JSON", bench.json.value],
        ] as const
      ).map(([what, text]) => (
        <section key={what} class="lw-code" aria-label={what}>
          <div class="lw-line">
            <h4>{what}</h4>
            <span class="lw-spring" />
            <button type="button" class="lw-button" onClick={() => copy(text, what)}>
              Copy as {what}
            </button>
          </div>
          <textarea class="lw-input lw-markdown" readOnly aria-label={`As ${what}`} value={text} />
        </section>
      ))}
      {bench.problems.value.length > 0 && (
        <p class="lw-empty">The code is of the last ontology that had nothing wrong.</p>
      )}
    </>
  );
}

/** The labeller's own panels, in a room without a picture. */
function Preview({ bench }: { bench: Bench }) {
  const scratch = useMemo(() => new Scratch(), []);
  const chosen = useComputed(() => classesOf(bench.good.value)[bench.chosen.value]?.name ?? "");
  useSignalEffect(() => scratch.useOntology(bench.good.value));
  useSignalEffect(() => scratch.chooseClass(chosen.value));
  const guide = bench.tab.value === "guide";
  const aboutImage = (bench.good.value.classes ?? []).every((made) => made.retired);
  return (
    <aside class="lw-side lw-preview" aria-label="As the labeller sees it">
      <h3 class="lw-preview-title">As the labeller sees it</h3>
      {guide ? (
        <section class="lw-section" aria-label="Guide">
          <GuideText nodes={bench.guide.value} />
        </section>
      ) : aboutImage ? (
        <Questionnaire room={scratch} />
      ) : (
        <>
          <Classes room={scratch} choose={(name) => scratch.chooseClass(name)} />
          <Attributes room={scratch} />
        </>
      )}
    </aside>
  );
}
