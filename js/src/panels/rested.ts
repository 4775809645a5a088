import { type ReadonlySignal, signal } from "@preact/signals";

/** So long a value has to stay as it is; one that keeps changing is looked at so often. */
const [REST, MOST] = [200, 800];

/**
 * What a value is once it has come to rest: what is written beside the picture need not be written
 * anew for each frame of a video that is gone through.
 */
export function rested<T>(source: ReadonlySignal<T>, abort: AbortSignal): ReadonlySignal<T> {
  const made = signal(source.value);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let since = 0;
  const take = () => {
    since = 0;
    made.value = source.peek();
  };
  const stop = source.subscribe(() => {
    clearTimeout(timer);
    since ||= performance.now();
    timer = setTimeout(take, Math.min(REST, Math.max(0, since + MOST - performance.now())));
  });
  abort.addEventListener("abort", () => {
    clearTimeout(timer);
    stop();
  });
  return made;
}
