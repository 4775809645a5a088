import { expect, test } from "vitest";
import { matches } from "./header_sheet.tsx";

const element = (tag: string, name: string, value: string, level = 0) => ({
  tag,
  name,
  value,
  level,
  vr: "LO",
  cut: false,
  private: false,
});
const elements = [
  element("0008,0060", "Modality", "CT"),
  element("0008,1140", "Referenced Image Sequence", ""),
  element("", "Item 1", "", 1),
  element("0008,1150", "Referenced SOP Class UID", "1.2.840", 2),
  element("0010,0010", "Patient's Name", "Doe^Jane"),
];
const found = (search: string) => matches(elements, search).map(([index]) => index);

test("all is shown until something is searched for", () => {
  expect(found(" ")).toEqual([0, 1, 2, 3, 4]);
});

test("words are found in tags, names and values, in any order and case", () => {
  expect(found("doe patient")).toEqual([4]);
  expect(found("00080060")).toEqual([0]);
  expect(found("nothing")).toEqual([]);
});

test("what is nested comes with the sequences that it is in", () => {
  expect(found("1.2.840")).toEqual([1, 2, 3]);
});
