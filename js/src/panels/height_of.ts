import { type Signal, useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";

/** How high an element is, in pixels, now and as it changes; `first` until it is there. */
export function useHeightOf(
  element: { readonly current: HTMLElement | null },
  first: number,
): Signal<number> {
  const height = useSignal(first);
  useLayoutEffect(() => {
    const { current } = element;
    if (!current) return;
    const observer = new ResizeObserver(() => {
      height.value = current.clientHeight;
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, [element, height]);
  return height;
}
