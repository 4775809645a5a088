import { expect, test } from "vitest";
import { lettersOf, placeInWords } from "./anatomy.ts";
import { scaleBar } from "./scale_bar.ts";

test("directions are told by the sides of the patient, the strongest first", () => {
  expect(lettersOf([1, 0, 0])).toBe("L");
  expect(lettersOf([-2, 0, 0])).toBe("R");
  expect(lettersOf([0, 1, 0])).toBe("P");
  expect(lettersOf([0, 0, -1])).toBe("F");
  expect(lettersOf([0.1, -0.5, 0.8])).toBe("HA");
  expect(lettersOf([0, 0, 0])).toBe("");
});

test("a place is told by how far it is to which side", () => {
  expect(placeInWords([-12.34, 45, -0])).toBe("R 12.3  P 45.0  H 0.0");
});

test("a scale bar is the longest round length that fits", () => {
  expect(scaleBar(0.5)).toEqual({ pixels: 100, label: "5 cm" });
  expect(scaleBar(0.02)).toEqual({ pixels: 100, label: "2 mm" });
  expect(scaleBar(1e-4)).toEqual({ pixels: 100, label: "10 µm" });
  expect(scaleBar(0)).toBeNull();
  expect(scaleBar(Number.NaN)).toBeNull();
});
