interface RenderContext<M> {
  readonly model: M;
  readonly el: HTMLElement;
  readonly signal?: AbortSignal;
}

/** A widget as anywidget takes it, of a function that shows it in `el` until `signal` is aborted. */
export function rendered<M>(mount: (model: M, el: HTMLElement, signal: AbortSignal) => void) {
  return {
    render({ model, el, signal }: RenderContext<M>): () => void {
      const ended = new AbortController();
      signal?.addEventListener("abort", () => ended.abort());
      mount(model, el, ended.signal);
      return () => ended.abort();
    },
  };
}
