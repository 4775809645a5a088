import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Icon } from "../icons.tsx";

/** A label, a control, and what is wrong with it. */
export function Field({
  label,
  problem,
  children,
}: {
  label: string;
  problem?: string | undefined;
  children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label class="lw-field" data-wrong={problem !== undefined}>
      <span>{label}</span>
      {children}
      <Wrong problem={problem} />
    </label>
  );
}

/** What is wrong, said where it is, also to those who do not see it. */
export function Wrong({ problem }: { problem?: string | undefined }) {
  if (problem === undefined) return null;
  return (
    <span class="lw-error" role="alert">
      {problem}
    </span>
  );
}

interface TextProps {
  readonly label: string;
  readonly value: string;
  readonly wrong?: boolean;
  readonly placeholder?: string;
  readonly onInput: (value: string) => void;
}

export function TextInput({ label, value, wrong = false, placeholder, onInput }: TextProps) {
  return (
    <input
      type="text"
      class="lw-input"
      dir="auto"
      aria-label={label}
      aria-invalid={wrong}
      value={value}
      placeholder={placeholder ?? ""}
      spellcheck={false}
      autocomplete="off"
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
}

interface OrderProps {
  /** What is put in another order, for those who hear it. */
  readonly what: string;
  readonly index: number;
  readonly count: number;
  readonly onMove: (from: number, to: number) => void;
}

/** A handle that is dragged to another place, or moved there by the arrow keys. */
export function Handle({ what, index, count, onMove }: OrderProps) {
  const handle = useRef<HTMLButtonElement>(null);
  /** The one that was moved keeps the keys, wherever it is drawn now. */
  const move = (to: number) => {
    const list = handle.current?.closest("[data-list]");
    onMove(index, to);
    setTimeout(() => list?.children[to]?.querySelector<HTMLElement>(".lw-handle")?.focus());
  };
  const rows = () => [...(handle.current?.closest("[data-list]")?.children ?? [])];
  const at = (y: number) =>
    rows().filter((row) => {
      const box = row.getBoundingClientRect();
      return box.top + box.height / 2 < y;
    }).length;
  return (
    <button
      type="button"
      class="lw-handle"
      ref={handle}
      aria-label={`Move ${what}, ${index + 1} of ${count}; arrow keys`}
      title="Drag, or use the arrow keys"
      onKeyDown={(event) => {
        const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
        const to = index + step;
        if (step === 0) return;
        event.preventDefault();
        event.stopPropagation();
        if (to < 0 || to >= count) return;
        move(to);
      }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerUp={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        const above = at(event.clientY);
        const to = Math.min(count - 1, above > index ? above - 1 : above);
        if (to !== index) move(to);
      }}
    >
      <Icon name="move" size={14} />
    </button>
  );
}
