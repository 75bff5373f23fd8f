import { describe, expect, it } from "vitest";
import { delicate } from "../src/lib/delicate";

describe("what is asked about before it is kept", () => {
  it.each([
    ["diabetic, no sugar", "health"], ["Recovering from heart surgery", "health"], ["HIV阳性", "health"], ["有糖尿病", "health"], ["她怀孕了", "health"], ["上周刚做完手术", "health"],
    ["Muslim, prays at noon", "religion"], ["她信佛", "religion"], ["周日去教堂", "religion"],
    ["votes for the other party", "politics"], ["是党员", "politics"], ["喜欢谈政治", "politics"],
    ["Going through a DIVORCE", "gossip"], ["I heard he is broke", "gossip"], ["听说他出轨了", "gossip"], ["rude to the driver", "gossip"],
  ])("%s: %s", (text, topic) => {
    expect(delicate(text)).toContain(topic);
  });

  it("a text can touch several things", () => {
    expect(delicate("离婚后抑郁")).toEqual(["health", "gossip"]);
  });
});

describe("what is kept without a word", () => {
  it.each([
    "Warm water, no ice", "Window seat, away from the draught", "Likes jewellery from the new collection", "Skimmed milk in the coffee",
    "Churchill biographies", "Illy coffee", "Sikhye", "Politely declines wine", "Christmas hampers early",
    "温水，不加冰", "靠窗安静位", "喜欢清淡口味", "对花生过敏", "不要香菜", "请称呼王总", "信用卡结账", "教授，请用职称", "提前十分钟叫醒",
  ])("%s", (text) => {
    expect(delicate(text)).toEqual([]);
  });
});
