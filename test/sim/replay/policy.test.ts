import { expect, it } from "vitest";
import { chooserOf } from "../../../sim/replay/policy.ts";

const REGIONS = ["a", "b", "c"];

it("round robin takes the regions in turn, whatever they are doing", () => {
  const chooser = chooserOf("round robin", REGIONS);
  const chosen = Array.from({ length: 7 }, () => {
    chooser.count("a", 1);
    return chooser.choose();
  });
  expect(chosen).toEqual(["a", "b", "c", "a", "b", "c", "a"]);
});

it("least in flight takes the region with the fewest requests under way", () => {
  const chooser = chooserOf("least in flight", REGIONS);
  chooser.count("a", 1);
  expect(chooser.choose()).toBe("b");
  chooser.count("b", 1);
  chooser.count("c", 1);
  chooser.count("a", -1);
  expect(chooser.choose()).toBe("a");
});

it("the router chooses for itself", () => {
  expect(chooserOf("inferroute", REGIONS).choose()).toBeNull();
});
