/** Millimetres to the patient's left, back and head (LPS), as a place or a way. */
export type Millimetres = readonly [number, number, number];

export function dot(a: Millimetres, b: Millimetres): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function length(a: Millimetres): number {
  return Math.sqrt(dot(a, a));
}

export function scaled(a: Millimetres, by: number): Millimetres {
  return [a[0] * by, a[1] * by, a[2] * by];
}

export function plus(a: Millimetres, b: Millimetres, times = 1): Millimetres {
  return [a[0] + b[0] * times, a[1] + b[1] * times, a[2] + b[2] * times];
}

export function minus(a: Millimetres, b: Millimetres): Millimetres {
  return plus(a, b, -1);
}

export function cross(a: Millimetres, b: Millimetres): Millimetres {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** Which of the three parts is the largest, whatever its sign. */
export function largest(vector: Millimetres): number {
  const sizes = vector.map(Math.abs);
  return sizes.indexOf(Math.max(...sizes));
}
