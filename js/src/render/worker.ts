/** Start a worker of a script; null where the page's policy forbids workers. */
export function startWorker(source: string): Worker | null {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    return new Worker(url);
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}
