import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  readonly label: string;
  readonly looks: string;
  readonly vertical?: boolean;
  /** In pixels, where that is known before its buttons are. */
  readonly width?: number;
  readonly children: ComponentChildren;
}

/** Buttons that are one Tab stop: where the focus is, else the one that is chosen, else the first. */
export function Toolbar({ label, looks, vertical, width, children }: Props) {
  const bar = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => rove(bar.current));
  return (
    <div
      class={looks}
      ref={bar}
      style={{ width }}
      role="toolbar"
      aria-label={label}
      aria-orientation={vertical ? "vertical" : "horizontal"}
      onFocusIn={() => rove(bar.current)}
      onFocusOut={() => rove(bar.current)}
    >
      {children}
    </div>
  );
}

function stopsOf(bar: Element): HTMLElement[] {
  return [...bar.querySelectorAll<HTMLElement>("button:not(:disabled)")];
}

function rove(bar: Element | null): void {
  if (!bar) return;
  const stops = stopsOf(bar);
  const now =
    stops.find((one) => one === one.ownerDocument.activeElement) ??
    stops.find((one) => one.matches(".lw-tool[aria-pressed=true], [aria-current=true]")) ??
    stops[0];
  for (const one of stops) one.tabIndex = one === now ? 0 : -1;
}

/** Arrows, Home and End go from button to button of the toolbar that has the focus; else false. */
export function stepInToolbar(element: Element | null, key: string): boolean {
  const bar = element?.closest("[role=toolbar]");
  if (!bar) return false;
  const stops = stopsOf(bar);
  const now = stops.indexOf(element as HTMLElement);
  const { length } = stops;
  const to: Readonly<Record<string, number>> = {
    ArrowUp: now - 1,
    ArrowLeft: now - 1,
    ArrowDown: now + 1,
    ArrowRight: now + 1,
    Home: 0,
    End: length - 1,
  };
  const next = to[key];
  if (now < 0 || next === undefined) return false;
  stops[(next + length) % length]?.focus();
  return true;
}
