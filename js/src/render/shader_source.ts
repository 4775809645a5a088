/** One triangle over all of the target. */
export const WHOLE = `#version 300 es
void main() {
  gl_Position = vec4(gl_VertexID == 1 ? 3 : -1, gl_VertexID == 2 ? 3 : -1, 0, 1);
}`;

/** From the numbers of a picture to shades, step by step as \`toneTable\` has them. */
export const TONE = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
uniform usampler2D numbers;
uniform sampler2D shades;
uniform int bottom, curve, middle;
uniform float there, slope, steep, up, power;
uniform bool inverted;
out vec4 shade;
void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
  int number = int(texelFetch(numbers, ivec2(at.x, bottom - at.y), 0).r);
  float t = slope < 0.0 ? float(number > middle) : float(number - middle) * slope + there;
  if (curve == 2) t = texelFetch(shades, ivec2(number & 255, number >> 8), 0).r;
  if (curve == 1) t = 1.0 / (1.0 + exp(clamp(2.0 - 4.0 * t, -80.0, 80.0)));
  t = clamp(t, 0.0, 1.0);
  t = clamp((t - 0.5) * steep + 0.5 + up, 0.0, 1.0);
  if (power != 1.0) t = t > 0.0 ? pow(t, power) : 0.0;
  if (inverted) t = 1.0 - t;
  shade = vec4(vec3(floor(255.0 * t + 0.5) / 255.0), 1);
}`;

/** The rounded mean of the pixels that fall on each pixel of a smaller copy; gaps do not count. */
export const HALVE = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
uniform usampler2D numbers;
uniform ivec2 from, to;
uniform bool gaps;
out uint number;
void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
  ivec2 first = at * from / to;
  ivec2 end = (at + 1) * from / to;
  uint sum = 0u;
  uint count = 0u;
  for (int y = first.y; y < end.y; y++)
    for (int x = first.x; x < end.x; x++) {
      uint one = texelFetch(numbers, ivec2(x, y), 0).r;
      if (gaps && one == 0u) continue;
      sum += one;
      count++;
    }
  number = count > 0u ? (2u * sum + count) / (2u * count) : 0u;
}`;
