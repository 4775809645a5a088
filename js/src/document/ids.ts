// Declared here, because this room is compiled without the DOM.
declare const crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";

/** Twenty characters: eight base-36 digits of the time in milliseconds, then twelve random ones. */
export function newId(now = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  let tail = "";
  for (const byte of bytes) {
    // 252 = 7 * 36: what lies above would make some characters likelier than others.
    if (byte < 252 && tail.length < 12) tail += ALPHABET[byte % 36];
  }
  while (tail.length < 12) tail += ALPHABET[Math.floor(Math.random() * 36)];
  return now.toString(36).padStart(8, "0").slice(-8) + tail;
}
