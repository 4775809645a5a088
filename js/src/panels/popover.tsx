import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { classOf } from "../document/answers.ts";
import { AttributeForm, sinceWhen } from "./attributes.tsx";
import { MiniButton } from "./mini_button.tsx";
import type { Room } from "./room.ts";

const WIDTH = 220;

/** The questions about the object just drawn, beside it, the first open one focused. */
export function Popover({ room }: { room: Room }) {
  const { state } = room;
  const element = useRef<HTMLDivElement>(null);
  const asked = state.asked.value;
  void state.version.value;
  void state.scale.value;
  const annotation = asked ? room.labels?.document.get(asked) : undefined;
  const made = classOf(state.ontology.value, annotation?.class_name);

  const height = useSignal(160);
  useLayoutEffect(() => {
    if (asked) focusFirstOpen(element.current);
  }, [asked]);
  useLayoutEffect(() => {
    // Higher up where it would be cut off below.
    const needed = element.current?.scrollHeight;
    if (needed !== undefined && needed !== height.value) height.value = needed;
  });

  if (!annotation || !made?.attributes?.length || !room.labels) return null;
  const { labels } = room;
  const box = room.stage.box(annotation.id);
  if (!box) return null;
  const { clientWidth, clientHeight } = room.viewport.element;
  const [right, top] = room.viewport.place([box.maxX, box.minY]);
  const [left] = room.viewport.place([box.minX, box.minY]);
  const fitsRight = right + 12 + WIDTH <= clientWidth;
  const x = fitsRight
    ? right + 12
    : Math.max(8, Math.min(left - WIDTH - 12, clientWidth - WIDTH - 8));
  const y = Math.max(8, Math.min(top, clientHeight - height.value - 10));
  const close = () => {
    state.asked.value = null;
    room.focus();
  };
  return (
    <div
      class="lw-popover"
      ref={element}
      role="dialog"
      aria-label={`Attributes of ${made.name}`}
      style={{
        left: `${x}px`,
        top: `${y}px`,
        width: `${WIDTH}px`,
        maxHeight: `${Math.max(120, clientHeight - y - 8)}px`,
      }}
    >
      <div class="lw-popover-head">
        <i class="lw-swatch" style={{ background: made.color }} />
        <span class="lw-name">{made.name}</span>
        <MiniButton icon="close" label="Close" hint="Enter" onClick={close} />
      </div>
      <AttributeForm
        id={`popover-${annotation.id}`}
        attributes={made.attributes}
        answers={labels.answers(annotation.id)}
        since={sinceWhen(room, annotation)}
        disabled={state.readOnly.value || annotation.state === "locked"}
        marked={
          new Set(
            state.missing.value.flatMap((one) =>
              one.annotation === annotation.id ? one.attributes : [],
            ),
          )
        }
        onAnswer={(name, value) => labels.answer([annotation.id], name, value)}
      />
    </div>
  );
}

/** Put the focus on the first question that is open, else on the first; scrolled to if need be. */
export function focusFirstOpen(container?: Element | null, preventScroll = true): void {
  const questions = [...(container?.querySelectorAll<HTMLElement>("[data-question]") ?? [])];
  const target = questions.find((one) => one.dataset.open === "true") ?? questions[0];
  target?.querySelector<HTMLElement>("input, select, textarea")?.focus({ preventScroll });
}
