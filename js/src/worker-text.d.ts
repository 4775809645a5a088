/** A worker, bundled to one classic script, as text: `new Blob([source])` makes it a URL. */
declare module "*?worker-text" {
  const source: string;
  export default source;
}
