/** How many of what, in words: "1 label", "2 labels". */
export const several = (count: number | string, noun: string): string =>
  `${count} ${noun}${String(count) === "1" ? "" : "s"}`;
