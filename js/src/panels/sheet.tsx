import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icons.tsx";

interface Props {
  readonly label: string;
  /** Class of the sheet and of its body, beside those that all sheets have. */
  readonly looks?: string;
  readonly body: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A sheet over the picture, with the keys while it is there; a click beside it closes it. */
export function Sheet({ label, looks = "", body, onClose, children }: Props) {
  const inner = useRef<HTMLDivElement>(null);
  useEffect(() => {
    inner.current?.focus({ preventScroll: true });
  }, []);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a click beside the sheet closes it, Escape does too
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes the sheet
    <div class="lw-veil" onClick={(event) => event.target === event.currentTarget && onClose()}>
      <div class={`lw-sheet ${looks}`.trim()} role="dialog" aria-modal="true" aria-label={label}>
        <div class="lw-sheet-head">
          <h2>{label}</h2>
          <span class="lw-spring" />
          <button
            type="button"
            class="lw-button lw-quiet"
            aria-label="Close"
            title="Close (Esc)"
            onClick={onClose}
          >
            <Icon name="close" />
          </button>
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys, too */}
        <div class={body} tabIndex={0} ref={inner}>
          {children}
        </div>
      </div>
    </div>
  );
}
